//! A materialised view is a copy that no policy fences.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "view_materialised",
    level: Level::ERROR,
    title: "a materialised view",
    why: "It holds what its owner saw when it was refreshed, and row-level security can't be put on it.",
    reference: "https://www.postgresql.org/docs/current/rules-materializedviews.html; splinter 0016",
    sql: "SELECT name, 'is a materialised view, which no policy can fence', format('REVOKE ALL ON %s FROM PUBLIC, %s', name, rolname)
        FROM relation WHERE relkind = 'm'",
    faults: &[
        Fault { sql: "CREATE MATERIALIZED VIEW heap AS SELECT 1 AS x; GRANT SELECT ON heap TO PUBLIC", says: "materialised", also: &[] },
    ],
};
