//! A replica's connections count, too.

use std::time::Duration;

use tenancy_sql::{PoolOptions, Staleness};

use super::{ANY, Pair, backends, until};

/// One connection that serves, whichever server it leads to.
#[tokio::test]
async fn a_replica_and_its_primary_share_the_budget() {
    let pair = Pair::new(PoolOptions {
        connection_budget: 2,
        acquire_timeout: Duration::from_secs(10),
        ..PoolOptions::default()
    })
    .await;
    pair.catches_up().await;
    let role = &pair.database.runtime_role;
    let urls = [
        pair.database.superuser_url.clone(),
        pair.replica.superuser_url(&pair.database.name),
    ];
    let open = async || backends(&urls[0], role).await + backends(&urls[1], role).await;
    let (mut replica, mut primary) = (0, 0);
    for _ in 0..5 {
        let (_, of_replica) = pair.sees(&pair.alpha, Staleness::at_most(ANY)).await;
        replica += usize::from(of_replica);
        assert!(open().await <= 1);
        let mut conn = pair.core.read(&pair.alpha).await.unwrap();
        primary += usize::from(!super::is_in_recovery(&mut conn).await.unwrap());
        assert!(open().await <= 1);
        // the only one is in use: the primary's, so that nobody reads the replica, nor for free
        let busy = pair.core.read_within(&pair.alpha, Staleness::at_most(ANY));
        assert!(
            tokio::time::timeout(Duration::from_millis(700), busy)
                .await
                .is_err()
        );
        assert!(open().await <= 1);
        drop(conn);
    }
    assert_eq!((replica, primary), (5, 5));
}

#[tokio::test]
async fn what_idles_at_a_replica_is_closed() {
    let pair = Pair::new(PoolOptions {
        idle_timeout: Duration::from_millis(200),
        ..PoolOptions::default()
    })
    .await;
    pair.catches_up().await;
    let url = pair.replica.superuser_url(&pair.database.name);
    let role = &pair.database.runtime_role;
    until("it is closed", async || backends(&url, role).await == 0).await;
    until("it counts no more", async || {
        pair.databases.connections().counted == 0
    })
    .await;
    let (_, of_replica) = pair.sees(&pair.alpha, Staleness::at_most(ANY)).await;
    assert!(of_replica);
}
