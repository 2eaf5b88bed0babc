//! What a replica is read for is proven.

use std::time::Duration;

use tenancy_sql::{PoolOptions, Staleness};

use super::{ANY, Pair, at_most, until};

#[tokio::test]
async fn a_replica_that_does_not_replay_is_read_only_by_who_takes_what_it_has() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.write(&pair.alpha, "old").await;
    pair.catches_up().await;
    pair.on_standby(&["SELECT pg_wal_replay_pause()"]).await;
    pair.write(&pair.alpha, "new").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    for bound in [0, 1, 100, 300, 500] {
        let seen = pair.sees(&pair.alpha, at_most(bound)).await;
        assert_eq!(
            seen,
            (vec!["old".to_owned(), "new".to_owned()], false),
            "{bound} ms"
        );
    }
    let seen = pair.sees(&pair.alpha, Staleness::at_most(ANY)).await;
    assert_eq!(
        seen,
        (vec!["old".to_owned()], true),
        "what it has is young enough"
    );
    pair.on_standby(&["SELECT pg_wal_replay_resume()"]).await;
    until("it serves again", async || {
        let (seen, replica) = pair.sees(&pair.alpha, at_most(500)).await;
        assert_eq!(seen, ["old", "new"], "never older");
        replica
    })
    .await;
}

#[tokio::test]
async fn a_replica_of_a_primary_that_nobody_writes_to_stays_fresh() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.write(&pair.alpha, "one").await;
    pair.catches_up().await;
    let (mut served, mut all) = (0, 0);
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_millis(60)).await;
        let (seen, replica) = pair.sees(&pair.alpha, at_most(200)).await;
        assert_eq!(seen, ["one"]);
        (served, all) = (served + usize::from(replica), all + 1);
    }
    // what other tests write goes through the same log
    assert!(served * 2 > all, "{served} of {all}");
}

#[tokio::test]
async fn a_receiver_that_is_cut_off_is_no_replica_that_is_up_to_date() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.write(&pair.alpha, "before").await;
    pair.catches_up().await;
    pair.stream.cut();
    pair.write(&pair.alpha, "after").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..10 {
        let seen = pair.sees(&pair.alpha, at_most(200)).await;
        assert_eq!(seen, (vec!["before".to_owned(), "after".to_owned()], false));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // one that is behind is asked twenty times a second, however many read
    pair.to_replica.reset();
    let started = std::time::Instant::now();
    for _ in 0..200 {
        pair.sees(&pair.alpha, at_most(200)).await;
    }
    let asked = u128::from(pair.to_replica.round_trips());
    let most = started.elapsed().as_millis() / 50 + 2;
    assert!(asked <= most, "{asked} of {most}");
}

/// Bounded staleness, as a client sees it: what was committed longer ago than the bound is there.
#[tokio::test]
async fn under_writes_and_a_slow_replay_no_read_is_older_than_its_bound() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.on_standby(&[
        "ALTER SYSTEM SET recovery_min_apply_delay = '150ms'",
        "SELECT pg_reload_conf()",
    ])
    .await;
    let started = tokio::time::Instant::now();
    let mut committed = Vec::new();
    let (mut replica, mut primary) = (0, 0);
    while started.elapsed() < Duration::from_secs(5) {
        pair.write(&pair.alpha, "one").await;
        committed.push(tokio::time::Instant::now());
        for bound in [100, 400, 1_500] {
            let bound = Duration::from_millis(bound);
            let asked = tokio::time::Instant::now();
            let must = committed.iter().filter(|at| **at + bound < asked).count();
            let (seen, of_replica) = pair.sees(&pair.alpha, Staleness::at_most(bound)).await;
            assert!(seen.len() >= must, "{bound:?}: {} of {must}", seen.len());
            match of_replica {
                true => replica += 1,
                false => primary += 1,
            }
        }
    }
    println!("{replica} reads of the replica, {primary} of the primary");
    assert!(
        replica > 20 && primary > 20,
        "{replica} {primary}: one was never read"
    );
}

/// Who comes when the primary is to be asked again does not ask it for himself.
#[tokio::test]
async fn many_readers_ask_the_primary_once() {
    let pair = Pair::new(PoolOptions {
        tenant_connections: 2,
        ..PoolOptions::default()
    })
    .await;
    pair.catches_up().await;
    let bound = at_most(2_000);
    for _ in 0..2 {
        assert!(pair.sees(&pair.alpha, bound).await.1);
        tokio::time::sleep(Duration::from_millis(600)).await;
        pair.to_primary.reset();
        let reads = (0..300).map(|_| async { pair.core.read_within(&pair.alpha, bound).await.map(drop) });
        for read in futures::future::join_all(reads).await {
            read.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let asked = pair.to_primary.round_trips();
        assert!(asked <= 4, "{asked}");
    }
}
