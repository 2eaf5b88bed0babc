//! The database fills in the tenant, so that no statement has to.

use crate::audit::rule::{Fault, Level, Rule};

pub(super) const RULE: Rule = Rule {
    id: "tenant_default",
    level: Level::WARNING.error_in_ours(),
    title: "a tenant column without a default from the setting",
    why: "Each INSERT has to name the tenant: one that is wrong is refused by the policy, one that is forgotten fails. A default of anything else is somebody's tenant.",
    reference: "https://www.postgresql.org/docs/current/ddl-default.html",
    sql: "SELECT t.name, format('has a `%s` whose default is not the tenant of the session', t.col),
               format('ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s', t.name, t.col, CASE WHEN arg.function <> '' THEN arg.function ELSE btrim(replace(t.tenant_value, 'SELECT ', ''), '') END)
        FROM arg, value v, tenant_table t LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = t.tenant
        WHERE has_any_column_privilege(t.role, t.oid, 'INSERT') AND NOT t.relispartition AND NOT t.global
          AND coalesce(pg_get_expr(d.adbin, d.adrelid), '') !~ v.core",
    faults: &[
        Fault { sql: "ALTER TABLE notes ALTER COLUMN tenant_id DROP DEFAULT", says: "SET DEFAULT", also: &[] },
    ],
};
