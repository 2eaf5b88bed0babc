//! A view reads as its owner, unless it is told to read as its reader.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "view_invoker",
    level: Level::ERROR,
    title: "a view that reads with its owner's rights",
    why: "The policies of the tables below are those for the view's owner: every row, when that owner bypasses them or they are not forced. `security_invoker` is there since PostgreSQL 15.",
    reference: "https://www.postgresql.org/docs/current/sql-createview.html; splinter 0010",
    sql: "SELECT name, 'is a view that reads with its owner''s rights', format('ALTER VIEW %s SET (security_invoker = true)', name)
        FROM relation WHERE relkind = 'v' AND NOT EXISTS (
            SELECT FROM pg_options_to_table(reloptions) o
            WHERE o.option_name = 'security_invoker' AND lower(o.option_value) IN ('true', 'on', 'yes', '1'))",
    faults: &[
        Fault { sql: "CREATE VIEW peek AS SELECT * FROM notes; GRANT SELECT ON peek TO {role}", says: "security_invoker", also: &[] },
    ],
};
