//! The server's version: a floor for each release that is kept.

use super::{
    Finding,
    rule::{Level, Rule},
};

/// The oldest release whose catalog the rules can ask.
pub(super) const OLDEST: u32 = 14;

/// The minor release of each major one below which a hole is known that reaches past row-level security: 18.4, 17.10, 16.14,
/// 15.18 and 14.23, of May 2026. A major release that is newer than these has the fixes from its start.
const FLOORS: [(u32, u32); 5] = [(14, 23), (15, 18), (16, 14), (17, 10), (18, 4)];

pub(super) const RULE: Rule = Rule {
    id: "server_version",
    level: Level::ERROR,
    title: "a PostgreSQL with known holes in its fences",
    why: "Row-level security was passed by planner statistics (CVE-2025-8713), by plans that were kept over a change of role \
          (CVE-2024-10976, CVE-2023-2455), by MERGE (CVE-2023-39418) and by a heap overrun of unprivileged users (CVE-2026-6473).",
    reference: "https://www.postgresql.org/support/security/",
    sql: "",
    faults: &[],
};

/// `number` is the server's `server_version_num`: 150018 for 15.18.
pub(super) fn ask(number: u32, ours: bool) -> Option<Finding> {
    let (major, minor) = (number / 10_000, number % 10_000);
    let floor = FLOORS
        .iter()
        .find(|(of, _)| *of == major)
        .map(|(_, floor)| *floor);
    let wanted = match floor {
        Some(floor) if minor < floor => format!("{major}.{floor}"),
        None if major < OLDEST => "a release that is kept".to_owned(),
        _ => return None,
    };
    Some(Finding {
        rule: RULE.id,
        severity: RULE.level.severity(ours),
        object: format!("PostgreSQL {major}.{minor}"),
        problem: format!("has known holes in row-level security, which {wanted} has not"),
        remedy: format!("SELECT 'install {wanted} or newer'"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors() {
        for (number, found) in [
            (150_018, None),
            (150_017, Some("15.18")),
            (180_003, Some("18.4")),
            (180_004, None),
            (140_000, Some("14.23")),
            (130_022, Some("a release that is kept")),
            (190_000, None),
        ] {
            let problem = ask(number, false).map(|finding| finding.problem);
            assert_eq!(problem.is_some(), found.is_some(), "{number}");
            assert!(
                found.is_none_or(|text| problem.unwrap().contains(text)),
                "{number}"
            );
        }
    }
}
