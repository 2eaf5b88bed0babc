//! Each permissive policy of a command is computed for each row.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_several",
    level: Level::WARNING,
    title: "several permissive policies for one command",
    why: "They are OR-ed: one reader has to hold all of them in mind, and the server computes each. One policy with one condition says it all.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html; splinter 0006",
    sql: "SELECT DISTINCT p.name, format('has several permissive policies for one command: %s', string_agg(DISTINCT p.polname, ', ' ORDER BY p.polname)),
               format('DROP POLICY %I ON %s', max(p.polname::text), p.name)
        FROM policy p WHERE p.polpermissive AND p.fences
        GROUP BY p.relation, p.name, p.command, p.side HAVING count(*) > 1",
    faults: &[
        Fault { sql: "CREATE POLICY tenant_rows_too ON notes USING (tenant_id = (SELECT tenancy.current_tenant()))", says: "tenant_rows_too", also: &[] },
    ],
};
