//! What ours is compared with: the raw pool, a transaction as it is usually written, one message after another without
//! waiting, and another library.

use deadpool_postgres::{Manager, Pool};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tenancy_core::TenantContext;
use tokio_postgres::{NoTls, types::Type};

use crate::cell::{FENCED, RAW};

const SCOPE: &str = "SELECT set_config('app.current_tenant', $1, true)";

/// sqlx's pool, with or without its test before a connection is handed out.
pub(crate) async fn raw_pool(url: &SecretString, connections: u32, ping: bool) -> PgPool {
    let options = PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections);
    options
        .test_before_acquire(ping)
        .connect(url.expose_secret())
        .await
        .unwrap()
}

/// Without a fence: the tenant is in the text.
pub(crate) async fn raw(pool: PgPool, ctx: TenantContext) {
    let rows = sqlx::query(RAW)
        .bind(ctx.tenant_id())
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(rows.len(), 10);
}

/// The same behind a pooler of transactions: a statement without a name, which is safe within a transaction only.
pub(crate) async fn raw_in_transaction(pool: PgPool, ctx: TenantContext) {
    let mut tx = pool.begin().await.unwrap();
    let query = sqlx::query(RAW).persistent(false).bind(ctx.tenant_id());
    assert_eq!(query.fetch_all(&mut *tx).await.unwrap().len(), 10);
    tx.commit().await.unwrap();
}

/// BEGIN, the tenant, the query and COMMIT, each waited for. Behind a pooler of transactions, statements have no `names`.
pub(crate) async fn naive(pool: PgPool, ctx: TenantContext, names: bool) {
    let mut tx = pool.begin().await.unwrap();
    let scope = sqlx::query(SCOPE)
        .persistent(names)
        .bind(ctx.tenant_id().to_string());
    scope.execute(&mut *tx).await.unwrap();
    let query = sqlx::query(FENCED).persistent(names);
    assert_eq!(query.fetch_all(&mut *tx).await.unwrap().len(), 10);
    tx.commit().await.unwrap();
}

/// deadpool over tokio-postgres, which sends without waiting. It looks whether a connection is closed, and no more.
pub(crate) fn pipelining_pool(url: &SecretString, connections: u32) -> Pool {
    let config = url.expose_secret().parse().unwrap();
    let pool = Pool::builder(Manager::new(config, NoTls));
    pool.max_size(connections as usize).build().unwrap()
}

/// BEGIN, the tenant, the query and COMMIT in one go.
pub(crate) async fn pipelined(pool: Pool, ctx: TenantContext) {
    let client = pool.get().await.unwrap();
    let scope = client.prepare_cached(SCOPE).await.unwrap();
    let query = client.prepare_cached(FENCED).await.unwrap();
    let tenant = ctx.tenant_id().to_string();
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&tenant];
    // polled in this order, and each sends when it is first polled
    let (begun, scoped, rows, committed) = futures::future::join4(
        client.batch_execute("BEGIN"),
        client.query(&scope, &parameters),
        client.query(&query, &[]),
        client.batch_execute("COMMIT"),
    )
    .await;
    begun.unwrap();
    scoped.unwrap();
    assert_eq!(rows.unwrap().len(), 10);
    committed.unwrap();
}

/// The same behind a pooler of transactions: statements without names.
pub(crate) async fn pipelined_unnamed(pool: Pool, ctx: TenantContext) {
    let client = pool.get().await.unwrap();
    let tenant = ctx.tenant_id().to_string();
    let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 1] = [(&tenant, Type::TEXT)];
    let (begun, scoped, rows, committed) = futures::future::join4(
        client.batch_execute("BEGIN"),
        client.query_typed(SCOPE, &parameters),
        client.query_typed(FENCED, &[]),
        client.batch_execute("COMMIT"),
    )
    .await;
    begun.unwrap();
    scoped.unwrap();
    assert_eq!(rows.unwrap().len(), 10);
    committed.unwrap();
}

/// tenaxum's pool: hooks of sqlx 0.8's set the tenant when a connection is taken and reset it when it comes back.
pub(crate) async fn tenaxum_pool(url: &SecretString, connections: u32) -> sqlx_08::PgPool {
    let options = sqlx_08::postgres::PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections);
    let tenancy = tenaxum::Tenancy::new().guc("app.current_tenant");
    let options = tenancy.with_tenant_hooks(options);
    options.connect(url.expose_secret()).await.unwrap()
}

pub(crate) async fn tenaxum(pool: sqlx_08::PgPool, ctx: TenantContext) {
    let tenant = tenaxum::TenantId(ctx.tenant_id().to_string());
    let rows = tenaxum::pool::scope_tenant(tenant, async {
        sqlx_08::query(FENCED).fetch_all(&pool).await.unwrap()
    });
    assert_eq!(rows.await.len(), 10);
}
