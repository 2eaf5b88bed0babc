//! A row stays with its tenant.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "tenant_movable",
    level: Level::WARNING,
    title: "a tenant column that the role can change",
    why: "An UPDATE of the tenant column gives the row to somebody else, unless a policy checks what is written, a trigger refuses, or the role has no right on the column.",
    reference: "https://www.postgresql.org/docs/current/sql-createpolicy.html",
    sql: "SELECT t.name, format('lets `%s` change `%s`, and no policy or trigger checks what it is changed to', t.rolname, t.col),
               format('REVOKE UPDATE ON %s FROM PUBLIC, %s', t.name, t.rolname)
        FROM tenant_table t
        WHERE has_column_privilege(t.role, t.oid, t.tenant, 'UPDATE') AND NOT t.global
          AND t.relrowsecurity AND EXISTS (SELECT FROM policy p WHERE p.relation = t.oid AND p.polpermissive AND p.command = 'w' AND p.side = 'CHECK')
          AND NOT EXISTS (SELECT FROM policy p WHERE p.relation = t.oid AND p.command = 'w' AND p.side = 'CHECK' AND p.fences)
          AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND g.tgenabled <> 'D' AND (g.tgtype & 2) = 2 AND (g.tgtype & 16) = 16)",
    faults: &[
        Fault { sql: "ALTER POLICY tenant_rows ON notes WITH CHECK (body <> ''); ALTER POLICY tenant_wall ON notes WITH CHECK (body <> '')", says: "REVOKE UPDATE", also: &["policy_check", "policy_wall"] },
    ],
};
