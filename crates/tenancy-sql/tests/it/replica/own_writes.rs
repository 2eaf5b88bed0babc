//! Who wrote sees what was written.

use std::time::Duration;

use tenancy_core::{DataWrite, Permit, Role, Tier};
use tenancy_sql::{PoolOptions, Position, Staleness};
use tenancy_testkit::{context, tenant};

use super::{ANY, Pair, at_most, until};

/// The server commits without waiting for the disk, so a position that was flushed is not enough.
#[tokio::test]
async fn a_caller_never_misses_its_own_write_while_the_replay_lags() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.on_standby(&[
        "ALTER SYSTEM SET recovery_min_apply_delay = '60ms'",
        "SELECT pg_reload_conf()",
    ])
    .await;
    let (mut replica, mut primary) = (0, 0);
    for n in 0..60 {
        let position = pair.write(&pair.alpha, &n.to_string()).await;
        // as it comes back in a cookie
        let position: Position = position.to_string().parse().unwrap();
        for pause in [0, 20, 150] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let both = at_most(60_000).and_after(position);
            for staleness in [Staleness::after(position), both] {
                let (seen, of_replica) = pair.sees(&pair.alpha, staleness).await;
                assert_eq!(seen.len(), n + 1, "{staleness:?} of a replica: {of_replica}");
                match of_replica {
                    true => replica += 1,
                    false => primary += 1,
                }
            }
        }
    }
    println!("{replica} reads of the replica, {primary} of the primary");
    assert!(
        replica > 30 && primary > 30,
        "{replica} {primary}: one was never read"
    );
}

#[tokio::test]
async fn a_position_of_elsewhere_leads_to_the_primary_and_disturbs_nobody() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.catches_up().await;
    let own = pair.write(&pair.alpha, "own").await.to_string();
    let [system, database, timeline, lsn] = own.split('-').collect::<Vec<_>>()[..] else {
        panic!("{own}")
    };
    for forged in [
        format!("1-{database}-{timeline}-{lsn}"),
        format!("{system}-7-{timeline}-{lsn}"),
        format!("{system}-{database}-7-{lsn}"),
        format!("{system}-{database}-{timeline}-ffffffffffffffff"),
        "primary".to_owned(),
    ] {
        let forged: Position = forged.parse().unwrap();
        for _ in 0..5 {
            let conn = pair.core.read_after(&pair.alpha, &forged).await.unwrap();
            assert!(!conn.is_of_replica(), "{forged}");
        }
        let (_, of_replica) = pair.sees(&pair.beta, Staleness::at_most(ANY)).await;
        assert!(of_replica, "{forged} made the replica rest");
    }
}

/// What users did is written down in the message that commits, and it is one message still.
#[tokio::test]
async fn a_position_costs_no_round_trip_and_comes_with_what_is_recorded() {
    let pair = Pair::new(PoolOptions::default()).await;
    let mut record = tenant("alpha", Tier::Enterprise);
    record
        .placement
        .sql
        .insert("core".parse().unwrap(), super::location());
    let ctx = context(&record, Role::Owner).await;
    let permit: Permit<DataWrite> = Permit::check(&ctx).unwrap();
    pair.write(&ctx, "warm").await;
    let mut tx = pair.core.begin(&permit).await.unwrap();
    sqlx::query("INSERT INTO notes (id, body) VALUES (gen_random_uuid(), 'x')")
        .execute(&mut tx)
        .await
        .unwrap();
    pair.to_primary.reset();
    let position = tx.commit_with_position().await.unwrap();
    assert_eq!(pair.to_primary.round_trips(), 1);
    let mut recorded = 0_i64;
    until("the replica has it", async || {
        let mut conn = pair.core.read_after(&ctx, &position).await.unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM tenancy.audit_log");
        recorded = count.fetch_one(&mut conn).await.unwrap();
        conn.is_of_replica()
    })
    .await;
    assert!(recorded > 0);
}

#[tokio::test]
async fn a_transaction_that_failed_has_no_position() {
    let pair = Pair::new(PoolOptions::default()).await;
    let permit: Permit<DataWrite> = Permit::check(&pair.alpha).unwrap();
    let mut tx = pair.core.begin(&permit).await.unwrap();
    assert!(
        sqlx::query("SELECT 1 / (SELECT 0)")
            .execute(&mut tx)
            .await
            .is_err()
    );
    assert!(tx.commit_with_position().await.is_err());

    let mut tx = pair.core.begin(&permit).await.unwrap();
    let insert = "INSERT INTO notes (id, body) VALUES (gen_random_uuid(), 'lost')";
    sqlx::query(insert).execute(&mut tx).await.unwrap();
    pair.to_primary.cut();
    assert!(tx.commit_with_position().await.is_err());
    pair.to_primary.restore();
    let (seen, _) = pair.sees(&pair.alpha, at_most(0)).await;
    assert_eq!(seen, Vec::<String>::new());
}

/// A role that may not ask where it is still commits, and its position is the primary's.
#[tokio::test]
async fn a_commit_is_one_though_nobody_says_where() {
    let pair = Pair::new(PoolOptions::default()).await;
    let revoke = "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC";
    crate::support::as_superuser(&pair.database, revoke).await;
    for body in ["one", "two"] {
        let position = pair.write(&pair.alpha, body).await;
        assert_eq!(position.to_string(), "primary");
    }
    let (seen, of_replica) = pair.sees(&pair.alpha, at_most(10)).await;
    assert_eq!((seen.len(), of_replica), (2, false));
}

/// A tenant that moves between two databases of one cluster: what the standby has replayed of the one says nothing of its copy.
#[tokio::test]
async fn a_position_of_another_database_of_the_same_cluster_leads_to_the_primary() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.catches_up().await;
    let other = crate::support::database_on(super::primary().await, "moved_here").await;
    let secrets = tempfile::tempdir().unwrap();
    let databases = super::databases(&secrets, &other.runtime_url, &[], PoolOptions::default());
    let elsewhere = super::write(&databases.handle("core".parse().unwrap()), &pair.alpha, "a").await;
    let own = pair.write(&pair.alpha, "a").await;
    until("the replica has both", async || {
        pair.sees(&pair.alpha, Staleness::after(own)).await.1
    })
    .await;
    for staleness in [
        Staleness::after(elsewhere),
        Staleness::at_most(ANY).and_after(elsewhere),
    ] {
        let (_, of_replica) = pair.sees(&pair.alpha, staleness).await;
        assert!(!of_replica, "{staleness:?}");
    }
}
