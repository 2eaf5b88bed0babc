//! Row-level security without a policy shows nothing to anybody.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "policy_missing",
    level: Level::WARNING.error_in_ours(),
    title: "row-level security without a policy for the role",
    why: "It fails closed: every statement finds nothing, or is refused. Someone who looks for the reason will be tempted to switch it off.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html; splinter 0008",
    sql: "SELECT f.name, format('has row-level security and no permissive policy for `%s`', f.rolname),
               format('CREATE POLICY tenant_rows ON %s AS PERMISSIVE FOR ALL TO PUBLIC USING (%s = %s) WITH CHECK (%2$s = %3$s)', f.name, f.col, f.tenant_value)
        FROM fenced_table f
        WHERE NOT f.global AND NOT EXISTS (SELECT FROM policy p WHERE p.relation = f.oid AND p.polpermissive)
        UNION ALL
        SELECT r.name, format('has row-level security and no policy, and no column `%s`', r.col), format('REVOKE ALL ON %s FROM PUBLIC, %s', r.name, r.rolname)
        FROM relation r
        WHERE r.relkind IN ('r', 'p') AND r.tenant IS NULL AND NOT r.global AND r.relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = r.oid)",
    faults: &[
        Fault { sql: "DROP POLICY tenant_rows ON notes", says: "CREATE POLICY tenant_rows", also: &[] },
        Fault { sql: "CREATE TABLE shut (id int PRIMARY KEY); ALTER TABLE shut ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; GRANT SELECT ON shut TO {role}", says: "public.shut", also: &[] },
    ],
};
