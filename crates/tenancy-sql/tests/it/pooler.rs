//! Behind a pooler.
//!
//! PgBouncer of the machine is older than the floor and knows no prepared statements: in transaction mode ours have no name
//! and stay inside of their transaction.
//!
//! What is given up is cancelled through the pooler, which takes a session of it: it ends by itself soon here, as the
//! pooler has fewer sessions than the pool has connections.

use std::time::Duration;

use tenancy_core::{Role, TenantContext, Tier};
use tenancy_sql::{Hygiene, PoolMode, PoolOptions};
use tenancy_testkit::{PgBouncer, Pooling, Postgres, context, tenant};

use crate::support::{Cell, database, permit};

async fn cell(pooling: Pooling, options: PoolOptions) -> (Cell, PgBouncer) {
    let database = database().await;
    let server = Postgres::shared().await.unwrap();
    let pooler = PgBouncer::start(server, &database, pooling).await.unwrap();
    let url = pooler.url(&database.runtime_url);
    (Cell::behind(database, &url, options).await, pooler)
}

fn transactions(hygiene: Hygiene) -> PoolOptions {
    PoolOptions {
        mode: PoolMode::Transaction,
        max_connections: 6,
        acquire_timeout: Duration::from_secs(30),
        hygiene,
        ..PoolOptions::default()
    }
}

/// Writes, reads, fails and gives up as one tenant; what it reads is its own and nothing else.
async fn work(cell: &Cell, ctx: &TenantContext, body: &str) {
    for round in 0..5 {
        cell.write(ctx, body).await;
        let seen = cell.bodies(ctx).await;
        assert_eq!(seen, vec![body; round + 1]);
        let mut conn = cell.core.read(ctx).await.unwrap();
        let failed = sqlx::query("SELECT 1 / (SELECT 0)").execute(&mut conn).await;
        assert!(failed.is_err());
        drop(conn);
        let mut conn = cell.core.read(ctx).await.unwrap();
        let mut given_up = Box::pin(sqlx::query("SELECT pg_sleep(0.1)").execute(&mut conn));
        let _ = futures::poll!(&mut given_up);
        tokio::task::yield_now().await;
        drop(given_up);
    }
}

async fn six_tenants(cell: &Cell) {
    let mut contexts = vec![];
    for n in 0..6 {
        contexts.push(context(&tenant(&format!("tenant-{n}"), Tier::Free), Role::Owner).await);
    }
    let bodies: Vec<String> = (0..6).map(|n| format!("of tenant {n}")).collect();
    let all = contexts
        .iter()
        .zip(&bodies)
        .map(|(ctx, body)| work(cell, ctx, body));
    futures::future::join_all(all).await;
}

#[tokio::test]
async fn transactions_share_a_poolers_sessions() {
    for hygiene in [Hygiene::Reset, Hygiene::Strict] {
        let (cell, _pooler) = cell(Pooling::Transaction, transactions(hygiene)).await;
        six_tenants(&cell).await;
    }
}

#[tokio::test]
async fn a_read_in_a_pool_of_transactions_writes_nothing_and_leaves_no_setting() {
    let (cell, _pooler) = cell(Pooling::Transaction, transactions(Hygiene::Reset)).await;
    cell.write(&cell.alpha, "a").await;
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    assert!(sqlx::query("DELETE FROM notes").execute(&mut conn).await.is_err());
    drop(conn);
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let prepared = sqlx::Executor::prepare(&mut tx, sqlx::SqlStr::from_static("SELECT 1")).await;
    assert!(prepared.is_err(), "a named statement would be another session's");
    drop(tx);
    // whoever gets the sessions next has no tenant
    use sqlx::{Connection, Executor, Row};
    let mut plain = crate::support::connect(&_pooler.url(&cell.database.runtime_url)).await;
    for _ in 0..4 {
        let text = "SELECT coalesce(current_setting('app.current_tenant', true), '')";
        let row = sqlx::raw_sql(text).fetch_all(&mut plain).await.unwrap();
        assert_eq!(row[0].get::<String, _>(0), "");
        let timeout = (&mut plain)
            .fetch_one(sqlx::AssertSqlSafe("SHOW statement_timeout".to_owned()))
            .await
            .unwrap();
        assert_eq!(timeout.get::<String, _>(0), "0");
    }
    plain.close().await.unwrap();
}

/// A session pooler refuses settings with the login: they go in the message that scopes.
#[tokio::test]
async fn sessions_of_a_pooler_are_told_their_settings() {
    let options = PoolOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_secs(30),
        ..PoolOptions::default()
    };
    let (cell, _pooler) = cell(Pooling::Session, options).await;
    six_tenants(&cell).await;
    for ctx in [&cell.alpha, &cell.beta, &cell.alpha] {
        for (name, expect) in [
            ("search_path", "public, pg_temp"),
            ("statement_timeout", "5s"),
            ("client_min_messages", "error"),
            ("client_connection_check_interval", "1s"),
        ] {
            let mut conn = cell.core.read(ctx).await.unwrap();
            let query = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
            let is: String = query.fetch_one(&mut conn).await.unwrap();
            assert_eq!(is, expect, "{name}");
        }
        let mut tx = cell.core.begin(&permit(ctx)).await.unwrap();
        let query = sqlx::query_scalar("SELECT current_setting('search_path')");
        let path: String = query.fetch_one(&mut tx).await.unwrap();
        assert_eq!(path, "public, pg_temp");
        tx.rollback().await.unwrap();
    }
}
