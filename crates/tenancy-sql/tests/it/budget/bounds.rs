//! What the budget allows, and what it closes for whom.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Executor};
use tenancy_core::Kind;
use tenancy_sql::{BudgetExhausted, PoolOptions};

use super::routes::{Fleet, at, until};
use crate::support::connect;

/// A budget of one connection that serves, and one that cancels.
fn least() -> PoolOptions {
    PoolOptions {
        connection_budget: 2,
        acquire_timeout: Duration::from_millis(1500),
        ..PoolOptions::default()
    }
}

#[tokio::test]
async fn what_idles_is_closed_for_another_database_and_what_is_in_use_is_not() {
    let fleet = Fleet::new("budget_lru", 2, 2, least()).await;
    let first = fleet.ask(0).await.unwrap();
    assert_ne!(
        fleet.ask(1).await.unwrap(),
        first,
        "the idle one was closed for it"
    );
    assert_eq!(fleet.backends().await, 1);

    let held = fleet.core.read(&fleet.tenants[1]).await.unwrap();
    let error = fleet.core.read(&fleet.tenants[0]).await.unwrap_err();
    let exhausted = std::error::Error::source(&error).and_then(|source| source.downcast_ref());
    let Some(BudgetExhausted { budget: 1, .. }) = exhausted else {
        panic!("{error:?}")
    };
    assert_eq!(
        (error.kind(), error.problem().retry_after_seconds()),
        (Kind::Unavailable, Some(1))
    );
    assert!(error.log().unwrap().contains("sql.connection_budget"));

    let (waited, ()) = tokio::join!(fleet.ask(0), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(fleet.databases.connections().waiting, 1);
        drop(held);
    });
    waited.unwrap();
    assert_eq!(fleet.backends().await, 1);
}

#[tokio::test]
async fn a_database_that_is_always_busy_yields_to_another() {
    let fleet = Arc::new(Fleet::new("budget_yield", 2, 1, least()).await);
    let stop = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (0..4)
        .map(|_| {
            let (fleet, stop) = (Arc::clone(&fleet), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let _ = fleet.ask(0).await;
                }
            })
        })
        .collect();
    until("the busy one runs", async || {
        fleet.databases.connections().counted > 0
    })
    .await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..3 {
        fleet.ask(1).await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for one in busy {
        one.await.unwrap();
    }
}

/// Stops a process, or lets it go on.
fn signal(name: &str, process: i32) {
    let mut kill = std::process::Command::new("kill");
    let status = kill.args([name, &process.to_string()]).status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn a_connection_counts_until_the_server_has_let_go() {
    let options = PoolOptions {
        acquire_timeout: Duration::from_secs(10),
        ..least()
    };
    let fleet = Fleet::new("budget_let_go", 2, 2, options).await;
    let stuck = fleet.ask(0).await.unwrap();
    signal("-STOP", stuck);
    let mut other = Box::pin(fleet.ask(1));
    let early = tokio::time::timeout(Duration::from_millis(700), &mut other).await;
    signal("-CONT", stuck);
    assert!(early.is_err(), "its backend is still there");
    other.await.unwrap();
    assert_eq!(fleet.backends().await, 1);
}

#[tokio::test]
async fn callers_of_one_database_share_what_it_has_of_the_budget() {
    let fleet = Fleet::new("budget_own", 1, 1, least()).await;
    let asked = (0..50).map(|_| fleet.ask(0));
    for answer in futures::future::join_all(asked).await {
        answer.unwrap();
    }
    assert_eq!(fleet.backends().await, 1);
}

#[tokio::test]
async fn connections_that_idle_are_closed_and_nothing_is_kept_for_them() {
    let options = PoolOptions {
        idle_timeout: Duration::from_millis(100),
        ..PoolOptions::default()
    };
    let fleet = Fleet::new("budget_idle", 2, 2, options).await;
    let (one, two) = tokio::join!(
        fleet.core.read(&fleet.tenants[0]),
        fleet.core.read(&fleet.tenants[1])
    );
    assert_eq!(fleet.databases.connections().counted, 2);
    drop(one.unwrap());
    until("the idle one is closed", async || fleet.backends().await == 1).await;
    // a backend leaves the server's books before its socket closes, and counts until then
    until("one counts", async || fleet.databases.connections().counted == 1).await;
    drop(two.unwrap());
    until("the other is, too", async || fleet.backends().await == 0).await;
    until("it counts no more", async || {
        fleet.databases.connections().counted == 0
    })
    .await;
    let live = || format!("{:?}", fleet.databases).contains("pools: 0");
    until("the pools are forgotten", async || live()).await;
    fleet.ask(0).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_nobody_waits_for_any_longer_comes_into_the_pool() {
    let fleet = Fleet::new("budget_given_up", 1, 1, least()).await;
    let mut opening = Box::pin(fleet.core.read(&fleet.tenants[0]));
    assert!(futures::poll!(&mut opening).is_pending());
    drop(opening);
    fleet.ask(0).await.unwrap();
    let connections = fleet.databases.connections();
    assert_eq!((connections.counted, connections.unproven), (1, 0));
    assert_eq!(fleet.backends().await, 1);
}

#[tokio::test]
async fn connections_that_are_warm_are_used_and_no_more_than_the_budget() {
    let options = PoolOptions {
        connection_budget: 4,
        ..PoolOptions::default()
    };
    let fleet = Fleet::new("budget_warm", 2, 1, options).await;
    assert_eq!(fleet.databases.warm(&at(0), 2).await.unwrap(), 2);
    assert_eq!(fleet.backends().await, 2);
    fleet.ask(0).await.unwrap();
    assert_eq!(fleet.backends().await, 2, "a warm one is used");
    assert_eq!(fleet.databases.warm(&at(1), 5).await.unwrap(), 1);
    assert_eq!(fleet.backends().await, 3, "nothing is closed for warmth");
    let unknown = "nowhere".parse().unwrap();
    assert_eq!(
        fleet.databases.warm(&unknown, 1).await.unwrap_err().kind(),
        Kind::NotFound
    );
}

#[tokio::test]
async fn a_password_that_was_changed_is_read_again_and_nothing_else_is() {
    let fleet = Fleet::new("budget_secret", 1, 1, least()).await;
    fleet.ask(0).await.unwrap();
    let role = &fleet.one.runtime_role;
    let mut superuser = connect(&fleet.one.superuser_url).await;
    let change = format!(
        "ALTER ROLE {role} PASSWORD 'rotated'; \
         SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{role}'"
    );
    superuser.execute(AssertSqlSafe(change)).await.unwrap();
    // finds that the server ended the connection
    fleet.ask(0).await.unwrap_err();
    let refused = async || fleet.core.read(&fleet.tenants[0]).await.map(drop);
    let error = refused().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.log().unwrap().contains("28P01"), "{error:?}");

    // another role is not the one that was proven
    fleet.write(0, fleet.one.superuser_url.expose_secret());
    assert!(refused().await.unwrap_err().log().unwrap().contains("28P01"));

    let old = fleet.one.runtime_url.expose_secret();
    let (login, rest) = old.rsplit_once('@').unwrap();
    let (login, _) = login.rsplit_once(':').unwrap();
    fleet.write(0, &format!("{login}:rotated@{rest}"));
    until("the new password is used", async || fleet.ask(0).await.is_ok()).await;
}
