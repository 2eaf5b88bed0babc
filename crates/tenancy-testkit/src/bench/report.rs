//! Shows what was measured.

use std::io::Write;

use serde_json::{Value, json};

use super::{MicroRow, Row};

/// Prints the rows to standard output: a table for people, or with `as_json` one array of objects with the keys `case`,
/// `tasks`, `p50_us`, `p99_us`, `per_s`, `ratio`, `baseline` and `round_trips` (where it is known).
pub fn print(rows: &[Row], as_json: bool) {
    let text = if as_json { in_json(rows) } else { in_a_table(rows) };
    say(&text);
}

/// Prints what was measured of short operations to standard output: a table for people, or with `as_json` one array of objects with the
/// keys of [`print()`], `p50_ns`, `allocations`, and whatever the case states.
///
/// `ratio` is time over the baseline's. Of a case that is about what it adds, `p50_us`, `p99_us` and `p50_ns` are the difference to
/// its baseline (`adds_to_baseline` is true), and `total_p50_ns` is the whole.
pub fn print_micro(rows: &[MicroRow], as_json: bool) {
    say(&if as_json {
        micro_in_json(rows)
    } else {
        micro_in_a_table(rows)
    });
}

/// Prints objects to standard output: a table of these of their keys for people, under a title, or with `as_json` one array of
/// them whole.
pub fn print_objects(title: &str, columns: &[&str], rows: Vec<Value>, as_json: bool) {
    if as_json {
        return say(&Value::Array(rows).to_string());
    }
    let head = columns
        .iter()
        .map(|column| format!("{column:>16}"))
        .collect::<String>();
    let line = |row: &Value| {
        let cell = |column: &&str| {
            let value = row.get(*column).unwrap_or(&Value::Null);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{text:>16}")
        };
        columns.iter().map(cell).collect::<String>()
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    say(&format!("{title}\n{head}\n{}", lines.join("\n")));
}

fn say(text: &str) {
    // whoever closed the output does not want it
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn rounded(value: f64, digits: i32) -> f64 {
    (value * 10_f64.powi(digits)).round() / 10_f64.powi(digits)
}

fn in_json(rows: &[Row]) -> String {
    let object = |row: &Row| {
        let mut object = json!({
            "case": row.case,
            "tasks": row.tasks,
            "p50_us": rounded(row.p50_us, 1),
            "p99_us": rounded(row.p99_us, 1),
            "per_s": rounded(row.per_s, 0),
            "ratio": rounded(row.ratio, 3),
            "baseline": row.baseline,
        });
        if let (Some(count), Value::Object(map)) = (row.round_trips, &mut object) {
            map.insert("round_trips".to_owned(), count.into());
        }
        object
    };
    Value::Array(rows.iter().map(object).collect()).to_string()
}

fn in_a_table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<30} {:>5} {:>9} {:>9} {:>9} {:>7}  {:<13} {:<22} {}",
        "case", "tasks", "p50 us", "p99 us", "per s", "ratio", "spread", "baseline", "round trips"
    );
    for row in rows {
        let spread = format!("{:.2} to {:.2}", row.spread.0, row.spread.1);
        let trips = row
            .round_trips
            .map_or_else(|| "-".to_owned(), |count| count.to_string());
        text += &format!(
            "\n{:<30} {:>5} {:>9.1} {:>9.1} {:>9.0} {:>7.2}  {:<13} {:<22} {}",
            row.case, row.tasks, row.p50_us, row.p99_us, row.per_s, row.ratio, spread, row.baseline, trips
        );
    }
    text
}

/// What is reported of a case: its time, or what it adds.
fn times(row: &MicroRow) -> (f64, f64) {
    if row.added {
        (row.above_ns, row.above_p99_ns)
    } else {
        (row.p50_ns, row.p99_ns)
    }
}

fn micro_in_json(rows: &[MicroRow]) -> String {
    let object = |row: &MicroRow| {
        let (p50, p99) = times(row);
        let mut object = json!({
            "case": row.case,
            "tasks": 1,
            "p50_us": rounded(p50 / 1e3, 4),
            "p99_us": rounded(p99 / 1e3, 4),
            "p50_ns": rounded(p50, 1),
            "total_p50_ns": rounded(row.p50_ns, 1),
            "per_s": rounded(1e9 / row.p50_ns, 0),
            "ratio": rounded(row.ratio, 3),
            "spread": [rounded(row.spread.0, 3), rounded(row.spread.1, 3)],
            "baseline": row.baseline,
            "adds_to_baseline": row.added,
            "allocations": rounded(row.allocations, 2),
        });
        if let Value::Object(map) = &mut object {
            map.extend(
                row.facts
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).into())),
            );
        }
        object
    };
    Value::Array(rows.iter().map(object).collect()).to_string()
}

fn micro_in_a_table(rows: &[MicroRow]) -> String {
    let mut text = format!(
        "{:<22} {:>12} {:>12} {:>7}  {:<14} {:>11}  {:<18} {}",
        "case", "p50 us", "p99 us", "ratio", "spread", "allocations", "baseline", ""
    );
    for row in rows {
        let (p50, p99) = times(row);
        let sign = if row.added { "+" } else { "" };
        let (p50, p99) = (
            format!("{sign}{:.4}", p50 / 1e3),
            format!("{sign}{:.4}", p99 / 1e3),
        );
        let spread = format!("{:.2} to {:.2}", row.spread.0, row.spread.1);
        let facts: Vec<_> = row
            .facts
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        text += &format!(
            "\n{:<22} {:>12} {:>12} {:>7.3}  {:<14} {:>11.2}  {:<18} {}",
            row.case,
            p50,
            p99,
            row.ratio,
            spread,
            row.allocations,
            row.baseline,
            facts.join(", ")
        );
    }
    text + "\n+: what the case adds to its baseline in the same round; ratio: time over the baseline's"
}
