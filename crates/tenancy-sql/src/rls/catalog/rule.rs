//! What a table asks of its rows: checks, policies and triggers.

use sqlx::postgres::PgConnection;

#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Check {
    pub(in crate::rls) table: i64,
    pub(in crate::rls) raw: String,
    pub(in crate::rls) definition: String,
    pub(in crate::rls) valid: bool,
}

const CHECKS: &str =
    "SELECT conrelid::int8 AS table, conname::text AS raw, pg_get_expr(conbin, conrelid) AS definition,
        convalidated AS valid
     FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 ORDER BY conrelid, conname";

pub(super) async fn checks(connection: &mut PgConnection) -> sqlx::Result<Vec<Check>> {
    sqlx::query_as(CHECKS).fetch_all(connection).await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Policy {
    pub(in crate::rls) table: i64,
    pub(in crate::rls) raw: String,
    pub(in crate::rls) permissive: bool,
    /// For all commands, and asking for the tenant in both directions.
    pub(in crate::rls) fences: bool,
    /// For everybody.
    pub(in crate::rls) public: bool,
    /// For the role that will serve, by name.
    pub(in crate::rls) role: bool,
}

const POLICIES: &str =
    "SELECT p.polrelid::int8 AS table, p.polname::text AS raw, p.polpermissive AS permissive,
        p.polcmd = '*' AND coalesce(pg_get_expr(p.polqual, p.polrelid), '') = e.expected
            AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), e.expected) = e.expected AS fences,
        p.polroles = '{0}' AS public,
        EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1 AND r.oid = ANY (p.polroles)) AS role
     FROM pg_policy p
     CROSS JOIN (VALUES ('(tenant_id = ( SELECT tenancy.current_tenant() AS current_tenant))')) e (expected)
     ORDER BY p.polrelid, p.polname";

pub(super) async fn policies(connection: &mut PgConnection, role: &str) -> sqlx::Result<Vec<Policy>> {
    sqlx::query_as(POLICIES).bind(role).fetch_all(connection).await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Trigger {
    pub(in crate::rls) table: i64,
    pub(in crate::rls) raw: String,
    /// Its function's text.
    pub(in crate::rls) source: String,
    /// For each row that is updated, unless in a replica's role.
    pub(in crate::rls) on_update: bool,
}

const TRIGGERS: &str = "SELECT t.tgrelid::int8 AS table, t.tgname::text AS raw, p.prosrc AS source,
        (t.tgtype & 1) <> 0 AND (t.tgtype & 16) <> 0 AND t.tgenabled = 'O' AND t.tgattr = '' AS on_update
     FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE NOT t.tgisinternal ORDER BY t.tgrelid, t.tgname";

pub(super) async fn triggers(connection: &mut PgConnection) -> sqlx::Result<Vec<Trigger>> {
    sqlx::query_as(TRIGGERS).fetch_all(connection).await
}
