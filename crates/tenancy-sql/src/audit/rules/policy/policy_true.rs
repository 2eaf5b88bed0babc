//! A policy that lets everything through is none.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_true",
    level: Level::ERROR,
    title: "a policy that is always true",
    why: "Permissive policies are OR-ed: one that is true opens the table to every tenant, whatever the others say. Behind a restrictive policy it opens to whoever drops that one.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html; splinter 0024",
    sql: "SELECT DISTINCT name, format('has a permissive policy that is always true: `%s`', polname), format('DROP POLICY %I ON %s', polname, name)
        FROM policy WHERE polpermissive AND open AND (side = 'USING' OR polcmd = 'a')
        UNION ALL
        SELECT r.name, format('has a permissive policy that is always true: `%s`', p.polname), format('DROP POLICY %I ON %s', p.polname, r.name)
        FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
        WHERE r.relkind IN ('r', 'p') AND r.tenant IS NULL AND r.relrowsecurity AND NOT r.global AND p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = 'true'",
    faults: &[
        Fault { sql: "CREATE POLICY open ON notes USING (true)", says: "DROP POLICY open", also: &[] },
        Fault { sql: "CREATE POLICY adds ON notes FOR INSERT WITH CHECK (true)", says: "DROP POLICY adds", also: &[] },
    ],
};
