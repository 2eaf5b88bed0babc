//! What a policy is not for is refused.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_commands",
    level: Level::WARNING,
    title: "policies for some of the commands that the role may use",
    why: "The role has the right, and no permissive policy for it: reads find nothing, writes are refused. Take the right, or write the policy.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html",
    sql: "SELECT DISTINCT n.name, format('has no permissive policy for %s, which `%s` may use', c.verb, n.rolname),
               format('CREATE POLICY tenant_%s ON %s AS PERMISSIVE FOR %s TO PUBLIC%s%s', lower(c.verb), n.name, c.verb,
                      CASE WHEN n.command <> 'a' THEN format(' USING (%s = %s)', n.col, n.tenant_value) END,
                      CASE WHEN n.command IN ('a', 'w') THEN format(' WITH CHECK (%s = %s)', n.col, n.tenant_value) END)
        FROM need n JOIN (VALUES ('r', 'SELECT'), ('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE')) c (command, verb) ON c.command = n.command
        WHERE EXISTS (SELECT FROM policy p WHERE p.relation = n.oid AND p.polpermissive)
          AND NOT EXISTS (SELECT FROM policy p WHERE p.relation = n.oid AND p.polpermissive AND p.command = n.command AND p.side = n.side)",
    faults: &[
        Fault { sql: "DROP POLICY tenant_rows ON notes; CREATE POLICY tenant_reads ON notes FOR SELECT USING (tenant_id = (SELECT tenancy.current_tenant()))", says: "UPDATE", also: &[] },
    ],
};
