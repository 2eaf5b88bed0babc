//! A server that is killed, a line that is cut, and one that falls silent: bounded, and said as what it is.

use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use tenancy_core::{Kind, Result};
use tenancy_graph::{Cypher, GraphOptions, OutcomeUnknown};
use tenancy_testkit::{CountingProxy, Neo4j};

use crate::kit::{Member, World, first, patient, unique};

/// More than any bound of these tests.
const BOUND: Duration = Duration::from_secs(30);

fn make(key: &str) -> Cypher {
    Cypher::new("CREATE (:Fault {key: $key})").param("key", key)
}

async fn write(member: &Member, key: &str) -> Result<()> {
    let mut tx = member.graph.begin(&member.permit).await?;
    tx.run(make(key)).await?;
    tx.commit().await
}

async fn count(member: &Member, key: &str) -> Result<i64> {
    let mut read = member.graph.read(&member.ctx).await?;
    read.one(Cypher::new("MATCH (n:Fault {key: $key}) RETURN count(n)").param("key", key))
        .await
}

fn many() -> Cypher {
    Cypher::new("UNWIND range(1, 10000000) AS n RETURN n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_ends_what_runs_and_serves_again_when_it_is_back() {
    let server = Neo4j::start().await.unwrap();
    let world = World::new(&[("acme", &server, server.port())], patient());
    let acme = world.owner("acme").await;
    write(&acme, "before").await.unwrap();
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    tx.run(make("within")).await.unwrap();
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    let mut rows = read.rows::<i64>(many()).await.unwrap();
    assert_eq!(rows.next().await.unwrap(), Some(1));
    server.kill().await.unwrap();

    let started = Instant::now();
    let stream = loop {
        // what was sent before comes first
        match rows.next().await {
            Ok(Some(_)) => {}
            other => break other.unwrap_err(),
        }
    };
    drop(rows);
    for error in [
        stream,
        tx.run(make("within")).await.unwrap_err(),
        read.one::<i64>("RETURN 1").await.unwrap_err(),
        write(&acme, "without").await.unwrap_err(),
        count(&acme, "before").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
        assert!(!OutcomeUnknown::is(&error) && error.problem().retry_after_seconds().is_some());
    }
    assert!(tx.commit().await.is_err());
    assert!(started.elapsed() < BOUND);

    server.restart().await.unwrap();
    write(&acme, "after").await.unwrap();
    assert_eq!(count(&acme, "after").await.unwrap(), 1);
    assert_eq!(read.one::<i64>("RETURN 7").await.unwrap(), 7);
}

/// A world whose one instance is behind a proxy, with short times.
async fn behind(options: GraphOptions) -> (CountingProxy, World) {
    let server = first().await;
    let proxy = CountingProxy::start(server.port()).await.unwrap();
    let world = World::new(&[("acme", server, proxy.port())], options);
    (proxy, world)
}

fn hurried() -> GraphOptions {
    GraphOptions {
        statement_timeout: Duration::from_secs(3),
        connect_timeout: Duration::from_secs(3),
        ..patient()
    }
}

/// Opened while the line is up: on a busy machine a login takes a second.
async fn warmed(world: &World) -> Member {
    let acme = world.owner("acme").await;
    for _ in 0..5 {
        if count(&acme, "").await.is_ok() {
            break;
        }
    }
    acme
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_at_any_step_is_unavailable_and_a_commit_over_it_is_unknown() {
    let (proxy, world) = behind(patient()).await;
    let acme = warmed(&world).await;
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    let key = unique();
    tx.run(make(&key)).await.unwrap();
    proxy.cut();
    let error = tx.commit().await.unwrap_err();
    assert_eq!(
        (error.kind(), OutcomeUnknown::is(&error)),
        (Kind::Unavailable, true)
    );
    let started = Instant::now();
    for error in [
        count(&acme, &key).await.unwrap_err(),
        write(&acme, &key).await.unwrap_err(),
        acme.graph
            .transact(&acme.permit, |mut tx| {
                let make = make(&key);
                async move { tx.run(make).await }
            })
            .await
            .unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), OutcomeUnknown::is(&error)),
            (Kind::Unavailable, false)
        );
    }
    assert!(started.elapsed() < BOUND);
    proxy.restore();
    assert_eq!(count(&acme, &key).await.unwrap(), 0, "the cut came first");
    // in the middle of what comes back
    for bytes in [1, 200, 5_000, 20_000] {
        let mut read = acme.graph.read(&acme.ctx).await.unwrap();
        let mut rows = read.rows::<i64>(many()).await.unwrap();
        assert!(rows.next().await.unwrap().is_some());
        proxy.break_one_after(bytes);
        let error = loop {
            match rows.next().await {
                Ok(Some(_)) => {}
                other => break other.unwrap_err(),
            }
        };
        assert_eq!(error.kind(), Kind::Unavailable);
        drop(rows);
        assert_eq!(read.one::<i64>("RETURN 7").await.unwrap(), 7);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_falls_silent_is_waited_for_so_long_and_no_longer() {
    let (proxy, world) = behind(hurried()).await;
    let acme = warmed(&world).await;
    let key = unique();
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    tx.run(make(&key)).await.unwrap();
    let mut other = acme.graph.begin(&acme.permit).await.unwrap();
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    let mut rows = read.rows::<i64>(many()).await.unwrap();
    assert!(rows.next().await.unwrap().is_some());
    proxy.silence();

    let started = Instant::now();
    let run = other.run(make(&key));
    let commit = tx.commit();
    let fresh = write(&acme, &key);
    let once = count(&acme, &key);
    let rest = &mut rows;
    let stream = async move {
        loop {
            match rest.next().await {
                Ok(Some(_)) => {}
                other => break other.map(drop),
            }
        }
    };
    let (run, commit, fresh, once, stream) = tokio::join!(run, commit, fresh, once, stream);
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    let commit = commit.unwrap_err();
    assert!(OutcomeUnknown::is(&commit) && commit.kind() == Kind::Unavailable);
    for error in [
        run.unwrap_err(),
        fresh.unwrap_err(),
        once.unwrap_err(),
        stream.unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), OutcomeUnknown::is(&error)),
            (Kind::Unavailable, false)
        );
    }
    drop(rows);
    drop((other, read));
    proxy.restore();
    write(&acme, &unique()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_changed_is_read_again_and_a_wrong_one_is_said() {
    let server = first().await;
    let world = World::new(&[("acme", server, server.port())], patient());
    let file = world.folder.path().join("acme");
    std::fs::write(&file, "an-old-password").unwrap();
    let acme = world.owner("acme").await;
    let error = count(&acme, "").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.log().unwrap().contains("login"), "{error:?}");
    assert!(!format!("{error:?} {:?}", world.stores).contains("an-old-password"));
    std::fs::write(&file, server.password().expose_secret()).unwrap();
    assert_eq!(count(&acme, "").await.unwrap(), 0);
}
