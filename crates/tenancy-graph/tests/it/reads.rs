//! Reads: rows as they come, and an end for each.

use std::time::{Duration, Instant};

use serde::Deserialize;
use tenancy_core::{Kind, Role};
use tenancy_graph::{Cypher, GraphOptions};
use tenancy_testkit::context_until;

use crate::kit::{World, first, patient, running, unique};

#[derive(Debug, Deserialize, PartialEq)]
struct Square {
    n: i64,
    square: f64,
    name: Option<String>,
}

/// A statement that never ends by itself, which can be told by its mark.
fn endless(mark: &str) -> Cypher {
    Cypher::new("UNWIND range(1, 1000000000) AS a UNWIND range(1, 1000000) AS b WITH a, b, $mark AS m WHERE a + b < 0 RETURN a")
        .param("mark", mark)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_as_what_was_asked_for() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    let query = || {
        Cypher::new("UNWIND range(1, $n) AS n RETURN n, n * n * 1.0 AS square, CASE n % 2 WHEN 0 THEN 'even' END AS name")
            .param("n", 1_700)
    };
    let mut rows = read.rows::<Square>(query()).await.unwrap();
    let mut n = 0;
    while let Some(row) = rows.next().await.unwrap() {
        n += 1;
        let name = (n % 2 == 0).then(|| "even".to_owned());
        let square = f64::from(i32::try_from(n * n).unwrap());
        assert_eq!(row, Square { n, square, name });
    }
    assert_eq!((n, rows.next().await.unwrap()), (1_700, None));
    drop(rows);
    assert_eq!(read.all::<Square>(query(), 1_700).await.unwrap().len(), 1_700);
    assert_eq!(
        read.all::<Square>(query(), 1_699).await.unwrap_err().kind(),
        Kind::Internal
    );
    assert_eq!(
        read.one::<i64>("UNWIND [] AS x RETURN x")
            .await
            .unwrap_err()
            .kind(),
        Kind::NotFound
    );
    assert_eq!(
        read.optional::<i64>("UNWIND [] AS x RETURN x").await.unwrap(),
        None
    );
    let wrong = read.one::<Square>("RETURN 'hunter2' AS n").await.unwrap_err();
    assert_eq!(wrong.kind(), Kind::Internal);
    assert!(!format!("{wrong:?}").contains("hunter2"));
    assert_eq!(
        read.one::<i64>("RETURN 7").await.unwrap(),
        7,
        "the connection is of use after each of them"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_ends_a_read_that_takes_too_long() {
    let server = first().await;
    let options = GraphOptions {
        statement_timeout: Duration::from_secs(1),
        ..patient()
    };
    let world = World::new(&[("acme", server, server.port())], options);
    let acme = world.owner("acme").await;
    let mark = unique();
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    let started = Instant::now();
    let error = read.all::<i64>(endless(&mark), 1).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.problem().retry_after_seconds().is_some());
    assert!(
        error.log().unwrap().contains("TransactionTimedOut"),
        "the server did not end it: {error:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(running(server, "1000000000", Duration::from_secs(20)).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_deadline_is_the_reads() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let deadline = Instant::now() + Duration::from_secs(2);
    let hurried = context_until(&acme.tenant, Role::Owner, deadline).await;
    let mut read = acme.graph.read(&hurried).await.unwrap();
    let error = read.all::<i64>(endless(&unique()), 1).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(Instant::now() < deadline + Duration::from_secs(5));
    let late = read.one::<i64>("RETURN 1").await.unwrap_err();
    assert_eq!(late.kind(), Kind::Unavailable, "nothing begins after it");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_nobody_reads_on_end_on_the_server() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    let mut rows = read
        .rows::<i64>("UNWIND range(1, 987654321) AS n RETURN n")
        .await
        .unwrap();
    assert_eq!(rows.next().await.unwrap(), Some(1));
    drop(rows);
    let server = first().await;
    assert_eq!(running(server, "987654321", Duration::from_secs(20)).await, 0);
    assert_eq!(
        read.one::<i64>("RETURN 7").await.unwrap(),
        7,
        "over another connection"
    );
}
