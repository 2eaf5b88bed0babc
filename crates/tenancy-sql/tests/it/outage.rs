//! A database that goes away and comes back.

use std::time::{Duration, Instant};

use tenancy_core::Kind;
use tenancy_sql::PoolOptions;
use tenancy_testkit::{CountingProxy, Postgres};

use crate::support::{Cell, as_superuser, database, permit};

#[tokio::test]
async fn a_database_that_is_down_is_unavailable_in_bounded_time_and_comes_back_by_itself() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let url = proxy.url(&database.runtime_url);
    let cell = Cell::behind(database, &url, PoolOptions::default()).await;
    cell.write(&cell.alpha, "before").await;

    proxy.cut();
    for ctx in [&cell.alpha, &cell.beta, &cell.alpha] {
        let started = Instant::now();
        let error = match cell.core.read(ctx).await {
            // an idle connection is found dead by the statement
            Ok(mut conn) => sqlx::query("SELECT 1")
                .execute(&mut conn)
                .await
                .unwrap_err()
                .into(),
            Err(error) => error,
        };
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(started.elapsed() < Duration::from_secs(4));
    }

    proxy.restore();
    let back = async {
        while cell.core.read(&cell.alpha).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(cell.bodies(&cell.alpha).await, ["before"]);
    };
    tokio::time::timeout(Duration::from_secs(5), back).await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_down_is_not_served_from() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let url = proxy.url(&database.runtime_url);
    let cell = Cell::behind(database, &url, PoolOptions::default()).await;
    proxy.cut();
    let error = cell.databases.verify().await.unwrap_err().to_string();
    assert!(
        error.contains("cell-free-1.core") && error.contains("can't be checked"),
        "{error}"
    );
}

#[tokio::test]
async fn idle_connections_that_the_server_ended_are_replaced_and_nobody_notices() {
    let cell = Cell::new().await;
    let held = (
        cell.core.read(&cell.alpha).await.unwrap(),
        cell.core.read(&cell.beta).await.unwrap(),
    );
    drop(held);
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND usename = '{}'",
        cell.database.name, cell.database.runtime_role
    );
    as_superuser(&cell.database, &end).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let transaction = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(cell.bodies(&cell.beta).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_proven_is_what_is_served_from() {
    let database = database().await;
    let (databases, secrets) = crate::support::databases(&database.runtime_url, PoolOptions::default());
    databases.verify().await.unwrap();
    // the secret changes before the first tenant comes
    let other = secrecy::ExposeSecret::expose_secret(&database.superuser_url);
    std::fs::write(secrets.path().join("core"), other).unwrap();
    let alpha = tenancy_testkit::context(
        &tenancy_testkit::tenant("alpha", tenancy_core::Tier::Free),
        tenancy_core::Role::Owner,
    )
    .await;
    let mut conn = databases
        .handle("core".parse().unwrap())
        .read(&alpha)
        .await
        .unwrap();
    let role = sqlx::query_scalar::<_, String>("SELECT current_user::text");
    assert_eq!(role.fetch_one(&mut conn).await.unwrap(), database.runtime_role);
}

#[tokio::test]
async fn a_database_that_falls_silent_does_not_hold_a_statement_for_ever() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let url = proxy.url(&database.runtime_url);
    let options = PoolOptions {
        statement_timeout: Duration::from_millis(300),
        ..PoolOptions::default()
    };
    let cell = Cell::behind(database, &url, options).await;
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    let tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    proxy.silence();
    let statement = sqlx::query("SELECT 1").fetch_all(&mut conn);
    let answer = tokio::time::timeout(Duration::from_secs(5), statement).await;
    let error: tenancy_core::Error = answer.expect("a statement waits for ever").unwrap_err().into();
    assert_eq!(error.kind(), Kind::Unavailable);
    let answer = tokio::time::timeout(Duration::from_secs(5), tx.commit()).await;
    let error = answer.expect("a commit waits for ever").unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}

#[tokio::test]
async fn of_the_connections_that_an_outage_ended_one_statement_fails_and_no_more() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let url = proxy.url(&database.runtime_url);
    let cell = Cell::behind(database, &url, PoolOptions::default()).await;
    let both = (
        cell.core.read(&cell.alpha).await.unwrap(),
        cell.core.read(&cell.beta).await.unwrap(),
    );
    drop(both);
    proxy.cut();
    tokio::time::sleep(Duration::from_millis(100)).await;
    proxy.restore();
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    assert!(sqlx::query("SELECT 1").execute(&mut conn).await.is_err());
    let mut conn = cell.core.read(&cell.beta).await.unwrap();
    sqlx::query("SELECT 1").execute(&mut conn).await.unwrap();
}

/// What is closed by the far end is over: were it to count on, each would take a connection from the pool for ten seconds.
#[tokio::test]
async fn connections_that_break_in_the_middle_are_replaced_at_once() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let url = proxy.url(&database.runtime_url);
    let options = PoolOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_secs(4),
        ..PoolOptions::default()
    };
    let cell = Cell::behind(database, &url, options).await;
    for bytes in [0, 50, 300, 500, 700, 1_000, 1_500, 2_000] {
        // in a login, in what scopes, in a statement
        proxy.break_one_after(bytes);
        for ctx in [&cell.alpha, &cell.beta, &cell.alpha] {
            if let Ok(mut conn) = cell.core.read(ctx).await {
                let _ = sqlx::query("SELECT 1").execute(&mut conn).await;
            }
        }
        let back = async { while cell.core.begin(&permit(&cell.alpha)).await.is_err() {} };
        let back = tokio::time::timeout(Duration::from_secs(4), back).await;
        assert!(
            back.is_ok(),
            "after {bytes} bytes: {:?}",
            cell.databases.connections()
        );
    }
}
