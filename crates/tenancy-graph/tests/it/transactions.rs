//! Transactions: whole or not at all.

use std::sync::atomic::{AtomicU32, Ordering};

use tenancy_core::{Kind, Permit, Role};
use tenancy_graph::{Cypher, GraphTransaction, OutcomeUnknown};
use tenancy_testkit::context;

use crate::kit::{Member, World, first, raw, unique};

async fn count(member: &Member, key: &str) -> i64 {
    let mut read = member.graph.read(&member.ctx).await.unwrap();
    read.one(Cypher::new("MATCH (n:Tx {key: $key}) RETURN count(n)").param("key", key))
        .await
        .unwrap()
}

fn make(key: &str) -> Cypher {
    Cypher::new("CREATE (:Tx {key: $key})").param("key", key)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_stays_and_nothing_else_does() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let begin = || async { acme.graph.begin(&acme.permit).await.unwrap() };
    let [committed, rolled_back, dropped, failed] = [(); 4].map(|()| unique());
    let mut tx = begin().await;
    tx.run(make(&committed)).await.unwrap();
    let seen: i64 = tx
        .one(Cypher::new("MATCH (n:Tx {key: $key}) RETURN count(n)").param("key", &committed))
        .await
        .unwrap();
    assert_eq!(
        (seen, count(&acme, &committed).await),
        (1, 0),
        "seen within alone"
    );
    tx.commit().await.unwrap();
    assert_eq!(count(&acme, &committed).await, 1);

    let mut tx = begin().await;
    tx.run(make(&rolled_back)).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = begin().await;
    tx.run(make(&dropped)).await.unwrap();
    drop(tx);
    let mut tx = begin().await;
    tx.run(make(&failed)).await.unwrap();
    assert_eq!(tx.run("RETURN nothing").await.unwrap_err().kind(), Kind::Internal);
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        Kind::Internal,
        "a failed statement was ignored"
    );
    let mut tx = begin().await;
    tx.run(make(&failed)).await.unwrap();
    assert_eq!(
        tx.all::<i64>("UNWIND [1, 2] AS x RETURN x", 1)
            .await
            .unwrap_err()
            .kind(),
        Kind::Internal
    );
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        Kind::Internal,
        "too many rows were ignored"
    );
    for key in [rolled_back, dropped, failed] {
        assert_eq!(count(&acme, &key).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_violated_constraint_is_a_conflict_that_names_no_value() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let graph = raw(first().await);
    graph
        .run(neo4rs::query(
            "CREATE CONSTRAINT once_key IF NOT EXISTS FOR (n:Once) REQUIRE n.key IS UNIQUE",
        ))
        .await
        .unwrap();
    let key = unique();
    let once = || Cypher::new("CREATE (:Once {key: $key})").param("key", &key);
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    tx.run(once()).await.unwrap();
    let error = tx.run(once()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(!format!("{error:?}").contains(&key) && !OutcomeUnknown::is(&error));
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_met_a_deadlock_is_done_again() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let (one, other) = (unique(), unique());
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    tx.run(make(&one)).await.unwrap();
    tx.run(make(&other)).await.unwrap();
    tx.commit().await.unwrap();
    let (attempts, barrier) = (AtomicU32::new(0), tokio::sync::Barrier::new(2));
    let raise =
        |key: &str| Cypher::new("MATCH (n:Tx {key: $key}) SET n.n = coalesce(n.n, 0) + 1").param("key", key);
    let cross = async |mut tx: GraphTransaction, first: &str, second: &str| {
        let attempt = attempts.fetch_add(1, Ordering::SeqCst);
        tx.run(raise(first)).await?;
        if attempt < 2 {
            barrier.wait().await;
        }
        tx.run(raise(second)).await?;
        tx.commit().await
    };
    let (a, b) = tokio::join!(
        acme.graph.transact(&acme.permit, |tx| cross(tx, &one, &other)),
        acme.graph.transact(&acme.permit, |tx| cross(tx, &other, &one)),
    );
    a.unwrap();
    b.unwrap();
    assert!(attempts.load(Ordering::SeqCst) > 2, "they did not meet");
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    for key in [&one, &other] {
        let n: i64 = read
            .one(Cypher::new("MATCH (n:Tx {key: $key}) RETURN n.n").param("key", key))
            .await
            .unwrap();
        assert_eq!(n, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_failed_for_good_is_not_done_again() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let (attempts, key) = (AtomicU32::new(0), unique());
    // in a handler its future has to be `Send`
    let (counted, make) = (&attempts, &make(&key));
    let work = is_send(acme.graph.transact(&acme.permit, |mut tx| async move {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.run(make).await?;
        tx.one::<i64>("UNWIND [] AS x RETURN x").await
    }));
    assert_eq!(work.await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(
        (attempts.load(Ordering::SeqCst), count(&acme, &key).await),
        (1, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_member_has_no_permit() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let reader = context(&acme.tenant, Role::ReadOnly).await;
    assert!(Permit::<tenancy_core::DataWrite>::check(&reader).is_err());
    assert!(acme.graph.read(&reader).await.is_ok());
}
