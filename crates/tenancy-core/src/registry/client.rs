//! Calls the registry's functions.

use std::{fmt, sync::Arc, time::Duration};

use sqlx::{
    postgres::{PgConnectOptions, PgPoolOptions},
    types::Json,
};

use tokio::sync::Semaphore;

use crate::{Error, Result, TenantId, TenantKey, TenantRecord};

/// What a deployment's role at the registry may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Any tenant: a shared deployment.
    Shared,
    /// The tenant that the role belongs to: a pinned deployment.
    Pinned,
}

/// A small pool of connections to the registry. It holds no tenant's setting and opens no transaction: each call is
/// one statement, one round trip, at most two seconds.
#[derive(Clone)]
pub struct RegistryClient {
    #[expect(
        clippy::disallowed_types,
        reason = "the registry is not a tenant's store: functions only, no scope"
    )]
    pool: sqlx::PgPool,
    access: Access,
    address: Arc<str>,
    /// Places for look-ups that anybody may cause.
    hints: Arc<Semaphore>,
}

const CONNECTIONS: u32 = 4;
/// How many of them look up hosts and slugs, which anybody may name: a flood of those leaves the rest to what a verified token
/// asks for, and to the feed of changes.
const HINTS: usize = CONNECTIONS as usize / 2;
const PATIENCE: Duration = Duration::from_secs(2);

impl RegistryClient {
    /// A client that connects when it is first used.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the registry is not a tenant's store: functions only, no scope"
    )]
    pub fn new(options: PgConnectOptions, access: Access) -> Self {
        let database = options.get_database().unwrap_or_default();
        let address = format!("{}:{}/{database}", options.get_host(), options.get_port()).into();
        let options = options.options([("statement_timeout", "2s")]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(true)
            .connect_lazy_with(options);
        Self {
            pool,
            access,
            address,
            hints: Arc::new(Semaphore::new(HINTS)),
        }
    }

    /// Which registry it is: `host:port/database`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    #[expect(clippy::disallowed_types, reason = "for what stands beside it")]
    pub(super) fn pool(&self) -> &sqlx::PgPool {
        &self.pool
    }

    /// The tenant that `key` names; with pinned access, the role's own tenant whatever the key. By a host or a slug two are asked
    /// for at a time.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](crate::Kind::Unavailable) when the registry is down or slow,
    /// [`Kind::Internal`](crate::Kind::Internal) when its answer has an unknown shape.
    pub async fn tenant(&self, key: &TenantKey) -> Result<Option<TenantRecord>> {
        let query = match (self.access, key) {
            (Access::Pinned, _) => sqlx::query_scalar("SELECT registry.pinned_tenant()"),
            (_, TenantKey::Id(id)) => sqlx::query_scalar("SELECT registry.tenant_by_id($1)").bind(*id),
            (_, TenantKey::Slug(slug)) => {
                sqlx::query_scalar("SELECT registry.tenant_by_slug($1)").bind(slug.as_str())
            }
            (_, TenantKey::Identity(pool)) => {
                sqlx::query_scalar("SELECT registry.tenant_by_identity($1)").bind(pool.as_str())
            }
            (_, TenantKey::Host(host)) => {
                sqlx::query_scalar("SELECT registry.tenant_by_host($1)").bind(host.as_str())
            }
        };
        let place = async {
            match key.is_hint() {
                // nobody closes it
                true => self.hints.acquire().await.ok(),
                false => None,
            }
        };
        let answer: Option<Json<TenantRecord>> = bounded(async {
            let _place = place.await;
            query.fetch_one(&self.pool).await
        })
        .await?;
        Ok(answer.map(|Json(record)| record))
    }

    /// At most `limit` tenants with ids beyond `after`, by id; with pinned access, the role's own tenant.
    ///
    /// # Errors
    ///
    /// As [`tenant`](Self::tenant).
    #[cfg(feature = "work")]
    pub async fn tenants_after(
        &self,
        after: Option<TenantId>,
        limit: u16,
    ) -> Result<Vec<crate::ListedTenant>> {
        let text = match self.access {
            Access::Shared => "SELECT id, status FROM registry.tenants_after($1, $2)",
            Access::Pinned => {
                "SELECT (t->>'id')::pg_catalog.uuid, t->>'status' FROM registry.pinned_tenant() t
                 WHERE ($1::pg_catalog.uuid IS NULL OR (t->>'id')::pg_catalog.uuid > $1) AND $2 > 0 AND t IS NOT NULL"
            }
        };
        let query = sqlx::query_as(text).bind(after).bind(i32::from(limit));
        let rows: Vec<(TenantId, String)> = bounded(query.fetch_all(&self.pool)).await?;
        let listed = rows.into_iter().map(|(id, status)| {
            let status = status
                .parse()
                .map_err(|e| Error::internal("the registry holds an unknown status").with_source(e))?;
            Ok(crate::ListedTenant { id, status })
        });
        listed.collect()
    }

    /// What the role could do beyond asking: a deployment must not serve with such a one. One round trip.
    ///
    /// # Errors
    ///
    /// As [`tenant`](Self::tenant).
    pub async fn excess(&self) -> Result<Option<String>> {
        bounded(sqlx::query_scalar(EXCESS).fetch_optional(&self.pool)).await
    }
}

/// A role that reads tables of the registry, or passes by every right, is not the one that a deployment was given.
const EXCESS: &str = "
    SELECT CASE WHEN r.rolsuper THEN 'is a superuser' WHEN r.rolbypassrls THEN 'bypasses row-level security'
                WHEN r.rolcreaterole THEN 'makes roles' ELSE 'has rights on the registry''s tables' END
    FROM pg_catalog.pg_roles r
    WHERE r.rolname = current_user
      AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole
           OR EXISTS (SELECT FROM pg_catalog.pg_class c
                      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                      WHERE n.nspname = 'registry'
                        AND CASE WHEN c.relkind IN ('r', 'p', 'v', 'm', 'f') THEN
                            pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
                            OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE') END))";

pub(super) async fn bounded<T>(call: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(answer) => answer.map_err(|error| match Error::from(error) {
            error if error.kind() == crate::Kind::Unavailable => error,
            error => {
                let why = error.log().unwrap_or("it failed");
                Error::internal(format!("the registry's answer can't be used: {why}")).with_source(error)
            }
        }),
        Err(_) => Err(Error::unavailable("the registry did not answer in time")),
    }
}

impl fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryClient")
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
