//! How long callers wait for the budget.

use std::time::Duration;

use secrecy::ExposeSecret;
use tenancy_sql::PoolOptions;
use tenancy_testkit::{CountingProxy, Postgres};

use super::routes::{Fleet, at};

/// What a silent database does not let go is closed for seconds: meanwhile what idles elsewhere is closed for who waits.
#[tokio::test]
async fn connections_that_a_silent_database_does_not_let_go_hold_up_nobody() {
    let options = PoolOptions {
        connection_budget: 6,
        idle_timeout: Duration::from_secs(2),
        ..PoolOptions::default()
    };
    let fleet = Fleet::new("budget_silent", 3, 3, options).await;
    let port = Postgres::shared().await.unwrap().port();
    let proxy = CountingProxy::start(port).await.unwrap();
    fleet.write(0, proxy.url(&fleet.one.runtime_url).expose_secret());
    assert_eq!(fleet.databases.warm(&at(0), 3).await.unwrap(), 3);
    assert_eq!(fleet.databases.warm(&at(1), 2).await.unwrap(), 2);
    proxy.silence();
    for _ in 0..16 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(fleet.databases.warm(&at(1), 2).await.unwrap(), 2);
    }
    let started = std::time::Instant::now();
    fleet.ask(2).await.unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}

/// As long as it takes.
#[tokio::test]
async fn a_wait_without_end_is_no_panic() {
    let options = PoolOptions {
        acquire_timeout: Duration::MAX,
        ..PoolOptions::default()
    };
    let fleet = Fleet::new("budget_patient", 1, 1, options).await;
    fleet.databases.audit().await.unwrap();
    fleet.ask(0).await.unwrap();
}
