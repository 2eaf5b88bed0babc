//! What is no replica of a database is not read from.

use std::time::Duration;

use tenancy_sql::{PoolOptions, Staleness};
use tenancy_testkit::{Postgres, Replica};

use super::{ANY, Pair, databases, primary, until};
use crate::support::database_on;

#[tokio::test]
async fn a_standby_that_was_promoted_is_refused_at_boot_and_while_it_serves() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.write(&pair.alpha, "a").await;
    pair.catches_up().await;
    let (_, of_replica) = pair.sees(&pair.alpha, Staleness::at_most(ANY)).await;
    assert!(of_replica);
    pair.on_standby(&[
        "SELECT pg_promote()",
        "INSERT INTO notes SELECT tenant_id, gen_random_uuid(), 'foreign' FROM notes",
    ])
    .await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    for _ in 0..5 {
        for staleness in [Staleness::at_most(ANY), super::at_most(500)] {
            let seen = pair.sees(&pair.alpha, staleness).await;
            assert_eq!(seen, (vec!["a".to_owned()], false));
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let role = &pair.database.runtime_role;
    let url = pair.replica.superuser_url(&pair.database.name);
    until("its connections are closed", async || {
        super::backends(&url, role).await == 0
    })
    .await;
    let refusal = pair.databases.verify().await.unwrap_err().to_string();
    assert!(
        refusal.contains("cell-free-1.core")
            && refusal.contains("replica-0")
            && refusal.contains("is not in recovery"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_standby_of_another_cluster_is_refused() {
    let other = Postgres::start_replicated().await.unwrap();
    // the same names, to be found there: all but the cluster is right
    let there = database_on(&other, "replicated").await;
    let replica = Replica::of(&other).await.unwrap();
    let here = database_on(primary().await, "replicated").await;
    let secrets = tempfile::tempdir().unwrap();
    let url = replica.url(&there.runtime_url);
    let databases = databases(&secrets, &here.runtime_url, &[&url], PoolOptions::default());
    let refusal = databases.verify().await.unwrap_err().to_string();
    assert!(refusal.contains("is a replica of another cluster"), "{refusal}");
    assert!(!refusal.contains("postgres://"), "{refusal}");
    let ctx = tenancy_testkit::context(
        &tenancy_testkit::tenant("alpha", tenancy_core::Tier::Free),
        tenancy_core::Role::Owner,
    )
    .await;
    let core = databases.handle("core".parse().unwrap());
    for _ in 0..5 {
        let conn = core.read_within(&ctx, Staleness::at_most(ANY)).await.unwrap();
        assert!(!conn.is_of_replica());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_primary_a_powerful_role_and_a_seal_are_refused() {
    let pair = Pair::unproven(PoolOptions::default()).await;
    let runtime = pair.replica.url(&pair.database.runtime_url);
    let owner = pair.replica.url(&pair.database.owner_url);
    let nobody = pair.replica.url(&primary().await.superuser_url("none"));
    let sealed = PoolOptions {
        seal: Some("env:NO_SEAL".parse().unwrap()),
        ..PoolOptions::default()
    };
    for (replica, options, says) in [
        (
            &pair.database.runtime_url,
            PoolOptions::default(),
            "is not in recovery",
        ),
        (&owner, PoolOptions::default(), "owns"),
        (&nobody, PoolOptions::default(), "SQLSTATE 3D000"),
        (&runtime, sealed, "seal"),
    ] {
        let databases = databases(&pair.secrets, &pair.database.runtime_url, &[replica], options);
        let refusal = databases.verify().await.unwrap_err().to_string();
        assert!(
            refusal.contains(says) && refusal.contains("cell-free-1.core"),
            "{refusal}"
        );
    }
}

/// The same cluster, and another database of it: what is there may be another service's, or what a tenant left when it moved.
#[tokio::test]
async fn a_standby_of_another_database_of_the_same_cluster_is_refused() {
    let pair = Pair::new(PoolOptions::default()).await;
    let other = database_on(primary().await, "moved_from").await;
    pair.catches_up().await;
    let url = pair.replica.url(&other.runtime_url);
    let (here, secrets) = (&pair.database.runtime_url, tempfile::tempdir().unwrap());
    let databases = databases(&secrets, here, &[&url], PoolOptions::default());
    let refusal = databases.verify().await.unwrap_err().to_string();
    assert!(refusal.contains("another database"), "{refusal}");
    let core = databases.handle("core".parse().unwrap());
    for _ in 0..10 {
        let conn = core.read_within(&pair.alpha, Staleness::at_most(ANY)).await;
        assert!(!conn.unwrap().is_of_replica());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
