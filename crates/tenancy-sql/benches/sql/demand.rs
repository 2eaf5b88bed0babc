//! What is demanded of the figures, and whether they show it.

use std::fmt::Write;

use tenancy_testkit::bench::Row;

/// Operations a second over another case's, at least.
struct AtLeast {
    case: &'static str,
    over: &'static str,
    ratio: f64,
    tasks: &'static [usize],
}

const FASTER: [AtLeast; 6] = [
    AtLeast {
        case: "ours_hit",
        over: "raw_noping",
        ratio: 1.3,
        tasks: &[8, 32],
    },
    AtLeast {
        case: "ours_zipf",
        over: "raw_noping",
        ratio: 0.95,
        tasks: &[1, 8, 32],
    },
    AtLeast {
        case: "ours_tx",
        over: "naive_tx",
        ratio: 1.45,
        tasks: &[1, 8, 32],
    },
    AtLeast {
        case: "ours_tx_zipf",
        over: "naive_tx",
        ratio: 1.45,
        tasks: &[1, 8, 32],
    },
    AtLeast {
        case: "ours_hit",
        over: "tenaxum",
        ratio: 2.5,
        tasks: &[1, 8, 32],
    },
    AtLeast {
        case: "ours_miss",
        over: "tenaxum",
        ratio: 1.8,
        tasks: &[1, 8, 32],
    },
];

/// What a fence may add to the explicit form: the one or the other.
const ADDED_US: f64 = 3.0;
const ADDED_SHARE: f64 = 0.05;
const SHAPES: [(&str, &str); 5] = [
    ("rls_point", "where_point"),
    ("rls_page", "where_page"),
    ("rls_join", "where_join"),
    ("rls_aggregate", "where_aggregate"),
    ("rls_upsert", "where_upsert"),
];

/// The demands on what was measured. Empty when there are none.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut lines = String::new();
    for demand in &FASTER {
        for tasks in demand.tasks {
            if let (Some(row), Some(over)) =
                (find(rows, demand.case, *tasks), find(rows, demand.over, *tasks))
            {
                let seen = row.over(over);
                let what = format!("{} / {} at {tasks}", demand.case, demand.over);
                let demand_is = format!(">= {:.2}", demand.ratio);
                line(
                    &mut lines,
                    &what,
                    &demand_is,
                    &format!("{seen:.2}"),
                    seen >= demand.ratio,
                );
            }
        }
    }
    for (fenced, explicit) in SHAPES {
        if let (Some(row), Some(over)) = (find(rows, fenced, 1), find(rows, explicit, 1)) {
            let (us, share) = (row.above_us(over), row.above_us(over) / over.p50_us);
            let what = format!("{fenced} - {explicit}");
            let seen = format!("{us:+.1} us, {:+.1} %", share * 100.0);
            let holds = us <= ADDED_US || share <= ADDED_SHARE;
            line(&mut lines, &what, "<= 3 us or 5 %", &seen, holds);
        }
    }
    if lines.is_empty() {
        return lines;
    }
    format!("{:<34} {:<16} {:<20} holds\n{lines}", "what", "demand", "seen")
}

fn find<'r>(rows: &'r [Row], case: &str, tasks: usize) -> Option<&'r Row> {
    rows.iter().find(|row| row.case == case && row.tasks == tasks)
}

fn line(lines: &mut String, what: &str, demand: &str, seen: &str, holds: bool) {
    let holds = if holds { "yes" } else { "NO" };
    // the formatter of a String does not fail
    let _ = writeln!(lines, "{what:<34} {demand:<16} {seen:<20} {holds}");
}
