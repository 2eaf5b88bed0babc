//! A replica that goes away, and comes back.

use std::time::{Duration, Instant};

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use tenancy_core::{Error, Kind};
use tenancy_sql::{PoolOptions, Staleness};

use super::{ANY, Pair, at_most, until};
use crate::support::as_superuser;

#[tokio::test]
async fn a_replica_that_ends_in_the_middle_of_a_read_fails_that_read_and_no_other() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.write(&pair.alpha, "a").await;
    pair.catches_up().await;
    let mut conn = pair
        .core
        .read_within(&pair.alpha, Staleness::at_most(ANY))
        .await
        .unwrap();
    assert!(conn.is_of_replica());
    let asleep = sqlx::query("SELECT pg_sleep(20)").execute(&mut conn);
    let (answer, stopped) = tokio::join!(asleep, async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        pair.replica.stop().await
    });
    stopped.unwrap();
    assert_eq!(Error::from(answer.unwrap_err()).kind(), Kind::Unavailable);
    drop(conn);
    let started = Instant::now();
    for _ in 0..100 {
        let seen = pair.sees(&pair.alpha, at_most(500)).await;
        assert_eq!(seen, (vec!["a".to_owned()], false));
    }
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_replica_that_falls_silent_costs_half_a_second_once_and_comes_back_by_itself() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.write(&pair.alpha, "a").await;
    pair.catches_up().await;
    pair.to_replica.silence();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let mut slow = 0;
    for _ in 0..100 {
        let started = Instant::now();
        let seen = pair.sees(&pair.alpha, at_most(500)).await;
        assert_eq!(seen, (vec!["a".to_owned()], false));
        slow += usize::from(started.elapsed() > Duration::from_millis(400));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(slow, 1);
    pair.to_replica.restore();
    until("it serves again", async || {
        pair.sees(&pair.alpha, at_most(2_000)).await.1
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_is_away_at_boot_is_proven_when_it_is_there() {
    let pair = Pair::unproven(PoolOptions::default()).await;
    pair.to_replica.cut();
    pair.databases.verify().await.unwrap();
    let (_, of_replica) = pair.sees(&pair.alpha, Staleness::at_most(ANY)).await;
    assert!(!of_replica);
    pair.to_replica.restore();
    until("it serves", async || {
        pair.sees(&pair.alpha, Staleness::at_most(ANY)).await.1
    })
    .await;
}

/// Not proven before it is used, it is proven beside the readers - or not.
#[tokio::test]
async fn a_fault_that_only_the_replica_has_is_found_before_it_is_read() {
    let pair = Pair::unproven(PoolOptions::default()).await;
    pair.on_standby(&["SELECT pg_wal_replay_pause()"]).await;
    let fault = "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY";
    as_superuser(&pair.database, fault).await;
    pair.on_standby(&["SELECT pg_wal_replay_resume()"]).await;
    let refused = "ALTER TABLE notes FORCE ROW LEVEL SECURITY";
    pair.write(&pair.alpha, "a").await;
    tokio::time::sleep(Duration::from_millis(1000)).await;
    pair.on_standby(&["SELECT pg_wal_replay_pause()"]).await;
    as_superuser(&pair.database, refused).await;
    let refusal = pair.databases.verify().await.unwrap_err().to_string();
    assert!(refusal.contains("does not isolate tenants"), "{refusal}");
    for _ in 0..20 {
        let (_, of_replica) = pair.sees(&pair.alpha, Staleness::at_most(ANY)).await;
        assert!(!of_replica);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_read_that_is_in_the_way_of_the_replay_is_to_be_tried_again() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.on_standby(&[
        "ALTER SYSTEM SET max_standby_streaming_delay = 0",
        "SELECT pg_reload_conf()",
    ])
    .await;
    pair.write(&pair.alpha, "a").await;
    pair.catches_up().await;
    let mut conn = pair
        .core
        .read_within(&pair.alpha, Staleness::at_most(ANY))
        .await
        .unwrap();
    assert!(conn.is_of_replica());
    let long = sqlx::query("SELECT count(*), pg_sleep(10) FROM notes").execute(&mut conn);
    let (answer, ()) = tokio::join!(long, async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        as_superuser(&pair.database, "DELETE FROM notes").await;
        as_superuser(&pair.database, "VACUUM notes").await;
    });
    let error = answer.unwrap_err();
    let code = error.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("40001"));
    let error = Error::from(error);
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(error.problem().retry_after_seconds(), Some(1));
    drop(conn);
    let mut again = pair.core.read(&pair.alpha).await.unwrap();
    assert_eq!(super::bodies(&mut again).await, Vec::<String>::new());
}

#[test]
fn where_reads_went_is_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshots = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let pair = Pair::new(PoolOptions::default()).await;
            pair.catches_up().await;
            pair.sees(&pair.alpha, Staleness::at_most(ANY)).await;
            pair.sees(&pair.alpha, at_most(0)).await;
            pair.on_standby(&["SELECT pg_wal_replay_pause()"]).await;
            let position = pair.write(&pair.alpha, "a").await;
            pair.sees(&pair.alpha, Staleness::after(position)).await;
            pair.replica.stop().await.unwrap();
            for _ in 0..3 {
                pair.sees(&pair.alpha, Staleness::at_most(ANY)).await;
            }
        });
    });
    let mut outcomes = Vec::new();
    for (key, _, _, value) in snapshots.snapshot().into_vec() {
        if key.key().name() != "tenancy_sql_replica_reads_total" {
            continue;
        }
        let labels: Vec<_> = key.key().labels().map(|label| label.value().to_owned()).collect();
        assert!(matches!(value, DebugValue::Counter(1..)), "{labels:?}");
        outcomes.extend(labels);
    }
    outcomes.sort_unstable();
    for outcome in ["away", "behind", "replica", "unsampled"] {
        assert!(
            outcomes.iter().any(|one| one == outcome),
            "{outcome}: {outcomes:?}"
        );
    }
}
