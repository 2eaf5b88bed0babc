//! The connections of the registry's owner: bounded in number, in time, and in how long one holds a lock.

use std::{fmt, time::Duration};

use sqlx::{
    Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    types::Json,
};
use tenancy_core::{Error, PlanBook, Result, TenantId, TenantRecord};

use super::refusal::refused;

const CONNECTIONS: u32 = 4;
/// How long a call may take in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the server ends by itself, should this process be gone or stuck.
const LIMITS: [(&str, &str); 3] = [
    ("statement_timeout", "5s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
];

/// The registry, as its owner: the one who writes. Cheap to clone.
///
/// Every change is one transaction, is announced to every deployment when it commits, and takes ten seconds at most.
/// Deployments do not use this: they ask through [`RegistryClient`](tenancy_core::registry::RegistryClient), under
/// roles that [`grant_shared`](Self::grant_shared) and [`pin`](Self::pin) confine.
#[derive(Clone)]
pub struct Registry {
    #[expect(
        clippy::disallowed_types,
        reason = "the registry is no tenant's store: there is nothing to scope"
    )]
    pool: sqlx::PgPool,
    pub(super) plans: PlanBook,
}

impl Registry {
    /// Connects as the registry's owner. See [`connect_options`](tenancy_core::registry::connect_options) for the
    /// options of a URL.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](tenancy_core::Kind::Unavailable) when the database does not answer.
    #[expect(
        clippy::disallowed_methods,
        reason = "the registry is no tenant's store: there is nothing to scope"
    )]
    pub async fn connect(options: PgConnectOptions) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(options.options(LIMITS));
        let pool = bounded(async { pool.await.map_err(refused) }).await?;
        let plans = PlanBook::default();
        Ok(Self { pool, plans })
    }

    /// Sells the plans of `book` instead of the defaults: what members, hosts and roles a tenant may have.
    #[must_use]
    pub fn with_plans(mut self, book: PlanBook) -> Self {
        self.plans = book;
        self
    }

    /// Closes the connections; clones can't be used after it.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        self.pool.begin().await.map_err(refused)
    }
}

/// What a tenant is now, and stays until the transaction ends: changes of one tenant happen one after another.
pub(super) async fn lock(tx: &mut Transaction<'_, Postgres>, tenant: TenantId) -> Result<TenantRecord> {
    let text = "SELECT registry.record(t) FROM registry.tenants t WHERE id = $1 FOR NO KEY UPDATE";
    let row: Option<Json<TenantRecord>> = sqlx::query_scalar(text)
        .bind(tenant)
        .fetch_optional(&mut **tx)
        .await
        .map_err(refused)?;
    row.map(|Json(record)| record)
        .ok_or_else(|| Error::not_found("the registry has no such tenant"))
}

pub(super) async fn commit(tx: Transaction<'_, Postgres>) -> Result<()> {
    tx.commit().await.map_err(refused)
}

pub(super) async fn bounded<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(result) => result,
        Err(_) => Err(Error::unavailable("the registry did not answer in time")),
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}
