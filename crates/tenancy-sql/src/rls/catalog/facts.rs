//! The server, and the roles at work.

use sqlx::postgres::PgConnection;

#[derive(Debug, sqlx::FromRow)]
pub(in crate::rls) struct Facts {
    pub(in crate::rls) version: i32,
    /// The role that will serve is there.
    pub(in crate::rls) role_exists: bool,
    /// The role that will serve sees past policies.
    pub(in crate::rls) role_bypasses: bool,
    /// A table that it owns, or may act as the owner of.
    pub(in crate::rls) role_owns: Option<String>,
    /// Whoever runs this sees past forced row-level security.
    pub(in crate::rls) bypasses: bool,
    /// Whoever runs this may keep triggers from firing on the backfill.
    pub(in crate::rls) replica: bool,
    /// Our own migrations were applied.
    pub(in crate::rls) base: bool,
    /// The function that keeps the tenant of a row is there.
    pub(in crate::rls) stays: bool,
    pub(in crate::rls) database: String,
    /// PUBLIC or the role may create temporary tables or schemas.
    pub(in crate::rls) creates: bool,
    /// Schemas in which PUBLIC or the role may create.
    pub(in crate::rls) open_schemas: Vec<String>,
    /// The role may use our schema and call its functions.
    pub(in crate::rls) calls: bool,
}

const FACTS: &str = "SELECT current_setting('server_version_num')::int4 AS version,
    me.rolsuper OR me.rolbypassrls AS bypasses,
    me.rolsuper OR coalesce(has_parameter_privilege('session_replication_role', 'SET'), false) AS replica,
    role.oid IS NOT NULL AS role_exists,
    coalesce(role.rolsuper OR role.rolbypassrls, false) AS role_bypasses,
    (SELECT min(format('%I.%I', n.nspname, c.relname)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT role.rolsuper AND pg_has_role(role.oid, c.relowner, 'MEMBER')) AS role_owns,
    to_regclass('tenancy.audit_log') IS NOT NULL AS base,
    to_regprocedure('tenancy.tenant_stays()') IS NOT NULL AS stays,
    format('%I', current_database()) AS database,
    EXISTS (SELECT FROM pg_database d CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) item
            WHERE d.datname = current_database() AND item.grantee IN (0, role.oid)
              AND item.privilege_type IN ('CREATE', 'TEMPORARY')) AS creates,
    ARRAY (SELECT DISTINCT format('%I', n.nspname)
           FROM pg_namespace n CROSS JOIN aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) item
           WHERE n.nspname !~ '^pg_' AND item.grantee IN (0, role.oid) AND item.privilege_type = 'CREATE'
           ORDER BY 1) AS open_schemas,
    coalesce(role.oid IS NOT NULL AND to_regclass('tenancy.audit_log') IS NOT NULL
             AND has_schema_privilege(role.oid, to_regnamespace('tenancy')::oid, 'USAGE')
             AND has_function_privilege(role.oid, to_regprocedure('tenancy.current_tenant()')::oid, 'EXECUTE')
             AND has_table_privilege(role.oid, to_regclass('tenancy.audit_log')::oid, 'INSERT'), false) AS calls
    FROM pg_roles me LEFT JOIN pg_roles role ON role.rolname = $1
    WHERE me.rolname = current_user";

pub(super) async fn read(connection: &mut PgConnection, role: &str) -> sqlx::Result<Facts> {
    sqlx::query_as(FACTS).bind(role).fetch_one(connection).await
}
