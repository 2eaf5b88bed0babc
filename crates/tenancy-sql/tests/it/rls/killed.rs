//! One that is killed goes on when it is run again.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor};
use tenancy_sql::rls::{ApplyOptions, Event, Phase, apply};
use tenancy_testkit::Database;
use tokio::sync::mpsc;

use super::{
    oracle::{expected, seen},
    shop::{declared, fence, shape, shop},
};
use crate::support::connect;

const CUSTOMERS: u32 = 200;

/// Kills it after so many steps: the client is gone, and so is its session, wherever it is.
async fn killed(database: &Database, after: usize) -> bool {
    let declared = declared(database);
    let mut owner = connect(&database.owner_url).await;
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let (seen, mut steps) = mpsc::unbounded_channel();
    let mut tell = move |event: Event<'_>| {
        if matches!(event, Event::Started { .. } | Event::Filled { .. }) {
            let _ = seen.send(());
        }
    };
    let options = ApplyOptions {
        pause: Duration::ZERO,
        ..ApplyOptions::default()
    };
    let run =
        tokio::spawn(async move { apply(&mut owner, &declared, Phase::Enforce, &options, &mut tell).await });
    for _ in 0..after {
        if steps.recv().await.is_none() {
            run.await.unwrap().unwrap();
            return false;
        }
    }
    let kill = format!("SELECT pg_terminate_backend({pid}, 5000)");
    let mut superuser = connect(&database.superuser_url).await;
    superuser.execute(AssertSqlSafe(kill)).await.unwrap();
    run.abort();
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_many_points_it_comes_to_the_same() {
    let whole = shop("rls_kill", CUSTOMERS).await;
    fence(&whole, &declared(&whole), Phase::Enforce).await.unwrap();
    let broken = shop("rls_kill", CUSTOMERS).await;
    let before = expected(&broken).await;
    // some 550 steps, over which the kills come with growing distances
    let mut kills = 0;
    for after in (1..).map(|it| 1 + it * it % 37) {
        if !killed(&broken, after).await {
            break;
        }
        kills += 1;
    }
    println!("{kills} kills");
    assert!(kills > 10, "{kills}");
    assert_eq!(shape(&broken).await, shape(&whole).await);
    assert_eq!(seen(&broken).await, before);
}

#[tokio::test]
async fn once_done_nothing_is_left() {
    let database = shop("rls_kill", CUSTOMERS).await;
    let declared = declared(&database);
    let first = fence(&database, &declared, Phase::Enforce).await.unwrap();
    let shaped = shape(&database).await;
    let second = fence(&database, &declared, Phase::Enforce).await.unwrap();
    assert!(first.steps > 400 && second.steps == 0, "{first}\n{second}");
    assert_eq!(shape(&database).await, shaped);
}

/// What a killed CREATE INDEX CONCURRENTLY leaves.
#[tokio::test]
async fn an_index_that_was_left_half_built_is_built_again() {
    let database = shop("rls_kill", CUSTOMERS).await;
    let declared = declared(&database);
    fence(&database, &declared, Phase::Backfill).await.unwrap();
    let mut owner = connect(&database.owner_url).await;
    let broken = "CREATE UNIQUE INDEX CONCURRENTLY users_pkey_tenant ON users (tenant_id)";
    owner.execute(broken).await.unwrap_err();
    fence(&database, &declared, Phase::Enforce).await.unwrap();
    let whole = shop("rls_kill", CUSTOMERS).await;
    fence(&whole, &declared, Phase::Enforce).await.unwrap();
    assert_eq!(shape(&database).await, shape(&whole).await);
}
