//! Permissive policies are OR-ed: only a restrictive one holds against a careless one beside it.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_wall",
    level: Level::WARNING.error_in_ours(),
    title: "no restrictive policy that compares the tenant",
    why: "One more permissive policy, written for something else, widens what a tenant sees (reproduced). A restrictive policy is AND-ed to all of them, also to those of tomorrow.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html",
    sql: "SELECT n.name, format('has no restrictive policy for all rows, roles and commands that compares `%s` with the tenant of the session', n.col),
               format('DROP POLICY IF EXISTS tenant_wall ON %s; CREATE POLICY tenant_wall ON %1$s AS RESTRICTIVE FOR ALL TO PUBLIC USING (%s = %s) WITH CHECK (%2$s = %3$s)', n.name, n.col, n.tenant_value)
        FROM need n
        WHERE NOT n.global AND EXISTS (SELECT FROM policy p WHERE p.relation = n.oid AND p.polpermissive)
          AND NOT EXISTS (SELECT FROM wall w WHERE w.relation = n.oid AND w.command = n.command AND w.side = n.side)
        GROUP BY n.name, n.col, n.tenant_value",
    faults: &[
        Fault { sql: "DROP POLICY tenant_wall ON notes", says: "CREATE POLICY tenant_wall", also: &[] },
        Fault { sql: "ALTER POLICY tenant_wall ON notes USING (true)", says: "restrictive", also: &[] },
        Fault { sql: "ALTER POLICY tenant_wall ON notes WITH CHECK (true)", says: "restrictive", also: &[] },
        Fault { sql: "ALTER POLICY tenant_wall ON notes TO {owner}", says: "restrictive", also: &[] },
        Fault { sql: "ALTER POLICY tenant_wall ON notes USING (NOT (tenant_id = (SELECT tenancy.current_tenant())))", says: "restrictive", also: &[] },
        Fault { sql: "ALTER POLICY tenant_wall ON notes USING (body = 'x' OR (body <> '' AND tenant_id = (SELECT tenancy.current_tenant())))", says: "restrictive", also: &[] },
    ],
};
