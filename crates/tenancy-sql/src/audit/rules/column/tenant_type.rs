//! The tenant's column is of the type that the setting is compared as.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "tenant_type",
    level: Level::WARNING.error_in_ours(),
    title: "a tenant column of another type",
    why: "A column that has to be cast for each comparison uses no index, and texts that are written differently (case, blanks) are different tenants.",
    reference: "https://www.postgresql.org/docs/current/datatype-uuid.html",
    sql: "SELECT t.name, format('has a `%s` of type %s', t.col, format_type(t.tenant_type, NULL)), format('ALTER TABLE %s ALTER COLUMN %s TYPE uuid USING %s::uuid', t.name, t.col, t.col)
        FROM tenant_table t, arg
        WHERE NOT CASE WHEN arg.function = 'tenancy.current_tenant()' THEN tenant_type = 'uuid'::regtype
                       ELSE tenant_type IN ('uuid'::regtype, 'text'::regtype, 'varchar'::regtype, 'int8'::regtype, 'int4'::regtype, 'int2'::regtype)
                            OR EXISTS (SELECT FROM pg_type t WHERE t.oid = tenant_type AND t.typtype IN ('d', 'e')) END",
    faults: &[
        Fault { sql: "CREATE TABLE worded (tenant_id text NOT NULL DEFAULT tenancy.current_tenant(), id uuid NOT NULL, PRIMARY KEY (tenant_id, id)); GRANT SELECT ON worded TO {role}; ALTER TABLE worded ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", says: "TYPE uuid", also: &["policy_missing"] },
    ],
};
