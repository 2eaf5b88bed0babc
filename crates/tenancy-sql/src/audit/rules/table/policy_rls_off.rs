//! A policy on a table whose row-level security is off does nothing.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_rls_off",
    level: Level::ERROR,
    title: "policies that are not in force",
    why: "CREATE POLICY does not switch row-level security on: the table looks fenced and is open.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html; splinter 0007",
    sql: "SELECT name, 'has policies, and its row-level security is off', format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name)
        FROM relation r
        WHERE relkind IN ('r', 'p') AND NOT relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = r.oid)",
    faults: &[
        Fault { sql: "ALTER TABLE notes DISABLE ROW LEVEL SECURITY", says: "ENABLE ROW LEVEL SECURITY", also: &[] },
    ],
};
