//! A dropped transaction leaves no lock, and connections are bounded.

use std::time::{Duration, Instant};

use tenancy_core::{Kind, Result};
use tenancy_graph::{Cypher, GraphOptions};

use crate::kit::{Member, World, first, patient, raw, unique};

/// How long another writer may wait for what a dropped transaction held.
const SOON: Duration = Duration::from_secs(10);

fn raise(key: &str) -> Cypher {
    Cypher::new("MERGE (n:Lock {key: $key}) SET n.n = coalesce(n.n, 0) + 1").param("key", key)
}

async fn write(member: &Member, key: &str) -> Result<()> {
    let mut tx = member.graph.begin(&member.permit).await?;
    tx.run(raise(key)).await?;
    tx.commit().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_transaction_leaves_no_lock() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let key = unique();
    write(&acme, &key).await.unwrap();
    for _ in 0..5 {
        let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
        tx.run(raise(&key)).await.unwrap();
        drop(tx);
        tokio::time::timeout(SOON, write(&acme, &key))
            .await
            .unwrap()
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_dropped_within_a_statement_leaves_no_lock() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let key = unique();
    write(&acme, &key).await.unwrap();
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    tx.run(raise(&key)).await.unwrap();
    let endless =
        "UNWIND range(1, 1000000000) AS a UNWIND range(1, 1000000) AS b WITH a, b WHERE a + b < -1 RETURN a";
    let given_up = tokio::time::timeout(Duration::from_millis(500), tx.all::<i64>(endless, 1)).await;
    assert!(given_up.is_err());
    drop(tx);
    tokio::time::timeout(SOON, write(&acme, &key))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_ends_its_transaction() {
    let server = first().await;
    let options = GraphOptions {
        statement_timeout: Duration::from_secs(1),
        ..patient()
    };
    let world = World::new(&[("acme", server, server.port())], options);
    let acme = world.owner("acme").await;
    let key = unique();
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    tx.run(raise(&key)).await.unwrap();
    let endless =
        "UNWIND range(1, 1000000000) AS a UNWIND range(1, 1000000) AS b WITH a, b WHERE a + b < -2 RETURN a";
    let started = Instant::now();
    assert_eq!(
        tx.all::<i64>(endless, 1).await.unwrap_err().kind(),
        Kind::Unavailable
    );
    assert!(started.elapsed() < SOON);
    assert_eq!(
        tx.run(raise(&key)).await.unwrap_err().kind(),
        Kind::Unavailable,
        "it is over"
    );
    tokio::time::timeout(SOON, write(&acme, &key))
        .await
        .unwrap()
        .unwrap();
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    let n: i64 = read
        .one(Cypher::new("MATCH (n:Lock {key: $key}) RETURN n.n").param("key", &key))
        .await
        .unwrap();
    assert_eq!(n, 1, "and took nothing with it");
}

/// What the guard is for: the driver leaves a dropped transaction open, with its locks, until the next use of its connection.
#[tokio::test(flavor = "multi_thread")]
async fn the_driver_alone_leaves_the_lock() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let key = unique();
    write(&acme, &key).await.unwrap();
    let graph = raw(first().await);
    let mut txn = graph.start_txn().await.unwrap();
    let query = neo4rs::query("MATCH (n:Lock {key: $key}) SET n.n = 0").param("key", key.as_str());
    txn.run(query).await.unwrap();
    drop(txn);
    assert!(
        tokio::time::timeout(Duration::from_secs(2), write(&acme, &key))
            .await
            .is_err()
    );
    drop(graph);
    tokio::time::timeout(SOON, write(&acme, &key))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instances_connections_are_bounded() {
    let server = first().await;
    let options = GraphOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_millis(300),
        ..patient()
    };
    let world = World::new(&[("acme", server, server.port())], options);
    let acme = world.owner("acme").await;
    let one = acme.graph.begin(&acme.permit).await.unwrap();
    let _other = acme.graph.read(&acme.ctx).await.unwrap();
    let refused = acme.graph.begin(&acme.permit).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
    one.rollback().await.unwrap();
    assert!(acme.graph.begin(&acme.permit).await.is_ok());
}
