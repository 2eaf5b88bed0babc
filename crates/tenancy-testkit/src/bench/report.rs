//! Shows what was measured.

use std::io::Write;

use serde_json::{Value, json};

use super::Row;

/// Prints the rows to standard output: a table for people, or with `as_json` one array of objects with the keys `case`,
/// `tasks`, `p50_us`, `p99_us`, `per_s`, `ratio`, `baseline` and `round_trips` (where it is known).
pub fn print(rows: &[Row], as_json: bool) {
    let text = if as_json { in_json(rows) } else { in_a_table(rows) };
    // whoever closed the output does not want it
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn in_json(rows: &[Row]) -> String {
    let rounded = |value: f64, digits: i32| (value * 10_f64.powi(digits)).round() / 10_f64.powi(digits);
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
        "{:<14} {:>5} {:>9} {:>9} {:>9} {:>7}  {:<13} {:<14} {}",
        "case", "tasks", "p50 us", "p99 us", "per s", "ratio", "spread", "baseline", "round trips"
    );
    for row in rows {
        let spread = format!("{:.2} to {:.2}", row.spread.0, row.spread.1);
        let trips = row
            .round_trips
            .map_or_else(|| "-".to_owned(), |count| count.to_string());
        text += &format!(
            "\n{:<14} {:>5} {:>9.1} {:>9.1} {:>9.0} {:>7.2}  {:<13} {:<14} {}",
            row.case, row.tasks, row.p50_us, row.p99_us, row.per_s, row.ratio, spread, row.baseline, trips
        );
    }
    text
}
