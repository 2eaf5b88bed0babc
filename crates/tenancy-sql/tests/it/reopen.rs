//! A database that gives no connection is not asked again and again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use tenancy_core::Kind;
use tenancy_sql::PoolOptions;
use tenancy_testkit::{CountingProxy, Postgres};
use tokio::net::TcpListener;

use crate::support::{Cell, database};

/// How many requests come one after another, from each of how many tasks.
const REQUESTS: usize = 100;
const TASKS: usize = 8;

/// Requests that all fail: how often the database was asked for a connection meanwhile.
async fn asked(cell: Cell, count: impl Fn() -> usize, says: &'static str) -> usize {
    let cell = Arc::new(cell);
    let task = |cell: Arc<Cell>| async move {
        for _ in 0..REQUESTS {
            let started = tokio::time::Instant::now();
            let error = cell.core.read(&cell.alpha).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Unavailable);
            assert!(error.log().unwrap().contains(says), "{error:?}");
            assert_eq!(error.problem().retry_after_seconds(), Some(1));
            assert!(started.elapsed() < Duration::from_secs(4), "a wait has an end");
        }
    };
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| tokio::spawn(task(Arc::clone(&cell))))
        .collect();
    for one in tasks {
        one.await.unwrap();
    }
    count()
}

/// A tenant's own cap would bound it, too.
fn options() -> PoolOptions {
    PoolOptions::default()
}

#[tokio::test]
async fn one_that_accepts_and_closes_is_left_alone_between_attempts() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepted = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&accepted);
    let accepts = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            counts.fetch_add(1, Ordering::SeqCst);
            drop(socket);
        }
    });
    let url: SecretString = format!("postgres://app:hunter2@127.0.0.1:{port}/core").into();
    let cell = Cell::behind(database().await, &url, options()).await;
    let asked = asked(cell, || accepted.load(Ordering::SeqCst), "can't be reached").await;
    accepts.abort();
    println!("asked {asked} times for {} requests", REQUESTS * TASKS);
    assert!((1..=40).contains(&asked), "{asked}");
}

#[tokio::test]
async fn one_that_refuses_the_password_is_left_alone_and_asked_again() {
    let database = database().await;
    let proxy = CountingProxy::start(Postgres::shared().await.unwrap().port())
        .await
        .unwrap();
    let good = proxy.url(&database.runtime_url);
    let (login, rest) = good.expose_secret().rsplit_once('@').unwrap();
    let (login, _) = login.rsplit_once(':').unwrap();
    let bad: SecretString = format!("{login}:hunter2@{rest}").into();
    let cell = Cell::behind(database, &bad, options()).await;
    let count = || usize::try_from(proxy.connections()).unwrap();
    let asked = asked(cell, count, "28P01").await;
    println!("asked {asked} times for {} requests", REQUESTS * TASKS);
    assert!((1..=40).contains(&asked), "{asked}");
}

#[tokio::test]
async fn a_blip_is_waited_out_and_nobody_notices() {
    let database = database().await;
    let proxy = Arc::new(
        CountingProxy::start(Postgres::shared().await.unwrap().port())
            .await
            .unwrap(),
    );
    let url = proxy.url(&database.runtime_url);
    let cell = Cell::behind(database, &url, options()).await;
    proxy.cut();
    cell.core.read(&cell.alpha).await.unwrap_err();
    proxy.restore();
    cell.core.read(&cell.alpha).await.unwrap();
}
