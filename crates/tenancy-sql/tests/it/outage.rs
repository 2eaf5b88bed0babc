//! A database that goes away and comes back.

use std::time::{Duration, Instant};

use tenancy_core::Kind;
use tenancy_sql::PoolOptions;
use tenancy_testkit::{CountingProxy, Postgres};

use crate::support::{Cell, database};

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
