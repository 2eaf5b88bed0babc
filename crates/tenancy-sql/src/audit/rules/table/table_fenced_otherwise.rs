//! Policies without a tenant column fence by something that this audit can't prove.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_fenced_otherwise",
    level: Level::WARNING.error_in_ours(),
    title: "policies on a table without a tenant column",
    why: "Its policies join another table, or trust something else than the tenant's setting: whether they fence tenants has to be read, and an index can't begin with the tenant.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    sql: "SELECT name, format('has row-level security and no column `%s`', col), format('REVOKE ALL ON %s FROM PUBLIC, %s', name, rolname)
        FROM relation r
        WHERE relkind IN ('r', 'p') AND tenant IS NULL AND NOT global AND relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = r.oid)",
    faults: &[
        Fault { sql: "CREATE TABLE lines (id int PRIMARY KEY); ALTER TABLE lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY positive ON lines USING (id > 0); GRANT SELECT ON lines TO {role}", says: "public.lines", also: &[] },
    ],
};
