//! Without row-level security every row is everybody's.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table_rls_off",
    level: Level::ERROR,
    title: "a tenant's table without row-level security",
    why: "The role has rights on the table, and nothing hides the rows of other tenants from it.",
    reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html; splinter 0013",
    sql: "SELECT name, 'has a tenant column and no row-level security', format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name)
        FROM tenant_table t
        WHERE NOT relrowsecurity AND NOT global AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid)
          AND NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_class parent ON parent.oid = i.inhparent WHERE i.inhrelid = t.oid AND parent.relrowsecurity)",
    faults: &[
        Fault { sql: "CREATE TABLE plain (tenant_id uuid NOT NULL DEFAULT tenancy.current_tenant(), id uuid NOT NULL, PRIMARY KEY (tenant_id, id)); GRANT SELECT ON plain TO {role}", says: "ENABLE ROW LEVEL SECURITY", also: &[] },
    ],
};
