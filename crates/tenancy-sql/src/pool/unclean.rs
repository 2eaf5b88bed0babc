//! What recovery proves before a connection serves again, and that one that is not proven does not.

use std::{sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, ConnectOptions, Executor, postgres::PgConnection};
use tenancy_core::{Role, TenantContext, Tier, registry::connect_options};
use tenancy_testkit::{Database, Postgres, context, tenant};

use super::Pool;
use crate::{PoolOptions, ReadConnection, budget::Budget, target::Target};

const SLOW: &str = "SELECT pg_sleep(0.2)";

async fn pool_of(template: &'static str) -> (Pool, Database, PgConnection) {
    let server = Postgres::shared().await.unwrap();
    let database = server.database_from(template, async |_| {}).await.unwrap();
    let superuser = connect_options(&database.superuser_url).unwrap();
    let options = PoolOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_secs(10),
        ..PoolOptions::default()
    };
    let budget = Arc::new(Budget::new(&options));
    let target = Arc::new(Target::known(connect_options(&database.runtime_url).unwrap()));
    let pool = Pool::new(target, Arc::new(options), budget, 0);
    (pool, database, superuser.connect().await.unwrap())
}

/// Gives a statement up, and says whether its connection comes back. It is closed then.
async fn comes_back(pool: &Pool, ctx: &TenantContext) -> bool {
    let mut conn = ReadConnection::new(pool.read(ctx).await.unwrap());
    let work = sqlx::query(SLOW).execute(&mut conn);
    let ended = tokio::time::timeout(Duration::from_millis(30), work).await;
    assert!(ended.is_err(), "it was not given up");
    drop(conn);
    let at_rest = async {
        while !pool.inner.state.lock().at_rest(1) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), at_rest)
        .await
        .unwrap();
    let came_back = pool.inner.state.lock().oldest().is_some();
    pool.evict_idle_since(tokio::time::Instant::now());
    came_back
}

#[tokio::test]
async fn a_connection_that_is_somebodys_after_all_does_not_serve() {
    let (pool, database, mut superuser) = pool_of("unclean").await;
    let alpha = context(&tenant("alpha", Tier::Free), Role::Owner).await;
    assert!(
        comes_back(&pool, &alpha).await,
        "in order, so that this proves something"
    );
    // what a session has been told when it was opened is what it is reset to
    let told = format!(
        "ALTER ROLE {} SET app.current_tenant = '{}'",
        database.runtime_role,
        alpha.tenant_id()
    );
    superuser.execute(AssertSqlSafe(told)).await.unwrap();
    assert!(!comes_back(&pool, &alpha).await);
}

/// One that came later could end what the next tenant runs.
#[tokio::test]
async fn a_connection_serves_when_its_cancellation_was_answered() {
    let (pool, _database, _superuser) = pool_of("answered").await;
    let alpha = context(&tenant("alpha", Tier::Free), Role::Owner).await;
    let beta = context(&tenant("beta", Tier::Free), Role::Owner).await;
    for _ in 0..10 {
        let mut conn = ReadConnection::new(pool.read(&alpha).await.unwrap());
        // over by the time that it could be cancelled
        let mut work = Box::pin(sqlx::query("SELECT pg_sleep(0.001)").execute(&mut conn));
        let _ = tokio::time::timeout(Duration::from_micros(500), &mut work).await;
        drop(work);
        drop(conn);
        let mut conn = ReadConnection::new(pool.read(&beta).await.unwrap());
        let mine = sqlx::query("SELECT pg_sleep(0.1)").execute(&mut conn).await;
        assert!(mine.is_ok(), "{mine:?}");
    }
}
