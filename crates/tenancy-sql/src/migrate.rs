//! Brings a database to a service's schema.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, Connection, Executor, Row,
    migrate::{MigrateError, Migrator},
    postgres::PgConnection,
};
use tenancy_core::{Error, Result};

use crate::RoleName;

static BASE: Migrator = sqlx::migrate!("./migrations");

/// Brings a database to a service's schema, as the role that owns it: our own migrations (the schema `tenancy`), then the
/// service's, then the rights of the role that will serve: rows of every fenced table, and nothing of any other. Of
/// `tenancy.audit_log` it reads its tenant's rows and adds to them.
///
/// # Guarantees
///
/// Repeatable: what was applied is skipped, what was granted is granted again. An advisory lock keeps two migrators apart.
///
/// # Errors
///
/// `Internal` when a migration fails or was changed after it was applied, `Unavailable` when the connection breaks.
pub async fn migrate(owner: &mut PgConnection, service: &Migrator, runtime: &RoleName) -> Result<()> {
    apply_base(owner).await?;
    service.run_direct(None, owner, false).await.map_err(failed)?;
    grant(owner, runtime).await?;
    Ok(())
}

/// The schema `tenancy`, that every fence stands on.
pub(crate) async fn apply_base(owner: &mut PgConnection) -> Result<()> {
    base().run_direct(None, owner, false).await.map_err(failed)
}

/// Our own migrations.
pub(crate) fn base() -> Migrator {
    let mut base = Migrator {
        migrations: Cow::Borrowed(&BASE.migrations),
        ..Migrator::DEFAULT
    };
    base.dangerous_set_table_name("tenancy_migrations");
    base
}

fn failed(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            Error::internal("a migration failed").with_source(error)
        }
        error => Error::internal("the migrations can't be applied").with_source(error),
    }
}

const FENCED: &str = "SELECT pg_catalog.format('%I', n.nspname), pg_catalog.format('%I.%I', n.nspname, c.relname) \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity ORDER BY 2";

/// What the runtime role may call.
const FUNCTIONS: &str = "tenancy.current_tenant(), tenancy.current_actor(), tenancy.quota_enter(), \
    tenancy.quota_reserve(uuid, text, bigint, bigint, interval), tenancy.quota_settle(uuid, bigint), \
    tenancy.quota_set(tenancy.quota_usage, text, bigint), tenancy.quota_free(text, bigint), \
    tenancy.quota_reconcile(text, bigint, bigint)";

/// Whether the role can't read a fenced table: a migrator ended before it gave the rights.
pub(crate) async fn lacks_rights(owner: &mut PgConnection, runtime: &RoleName) -> sqlx::Result<bool> {
    let text = format!(
        "SELECT EXISTS (SELECT FROM ({FENCED}) t (schema, name) WHERE NOT pg_catalog.has_table_privilege($1, t.name, 'SELECT'))"
    );
    let query = sqlx::query_scalar(AssertSqlSafe(text));
    query.bind(runtime.as_str()).fetch_one(owner).await
}

/// One transaction: a half of the rights is never seen.
pub(crate) async fn grant(owner: &mut PgConnection, runtime: &RoleName) -> sqlx::Result<()> {
    let mut transaction = owner.begin().await?;
    let fenced = sqlx::query(FENCED).fetch_all(&mut *transaction).await?;
    let mut statements = vec![
        format!("GRANT USAGE ON SCHEMA tenancy TO {runtime}"),
        format!("GRANT EXECUTE ON FUNCTION {FUNCTIONS} TO {runtime}"),
    ];
    for row in fenced {
        let (schema, table): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        statements.push(format!("GRANT USAGE ON SCHEMA {schema} TO {runtime}"));
        statements.push(format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {runtime}"
        ));
    }
    // what was done stays as it was written down
    statements.push(format!(
        "REVOKE UPDATE, DELETE ON tenancy.audit_log FROM {runtime}"
    ));
    // role names are validated, table names are quoted by the server
    transaction.execute(AssertSqlSafe(statements.join("; "))).await?;
    transaction.commit().await
}
