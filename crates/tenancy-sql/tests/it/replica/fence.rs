//! The fence of a replica is the primary's.

use tenancy_core::{Kind, TenantContext};
use tenancy_sql::{Hygiene, PoolMode, PoolOptions, Staleness};

use super::{ANY, Pair, bodies};

/// A read of the replica's, whatever its age.
async fn on_replica(pair: &Pair, ctx: &TenantContext) -> tenancy_sql::ReadConnection {
    let conn = pair.core.read_within(ctx, Staleness::at_most(ANY)).await.unwrap();
    assert!(conn.is_of_replica());
    conn
}

#[tokio::test]
async fn two_tenants_share_a_standbys_connection_and_see_their_own() {
    for (mode, hygiene) in [
        (PoolMode::Session, Hygiene::Reset),
        (PoolMode::Session, Hygiene::Strict),
        (PoolMode::Transaction, Hygiene::Reset),
    ] {
        let pair = Pair::new(PoolOptions {
            mode,
            hygiene,
            max_connections: 1,
            ..PoolOptions::default()
        })
        .await;
        pair.write(&pair.alpha, "alpha's").await;
        pair.write(&pair.beta, "beta's").await;
        pair.catches_up().await;
        for _ in 0..3 {
            for (ctx, own) in [
                (&pair.alpha, vec!["alpha's"]),
                (&pair.beta, vec!["beta's", "the last"]),
            ] {
                let mut conn = on_replica(&pair, ctx).await;
                assert_eq!(bodies(&mut conn).await, own);
                drop(conn);
                given_up(&pair, ctx).await;
            }
        }
        let role = &pair.database.runtime_role;
        let url = pair.replica.superuser_url(&pair.database.name);
        assert!(
            super::backends(&url, role).await <= 2,
            "one that reads, and one that cancels"
        );
    }
}

/// A statement that is dropped while it runs is cancelled on the standby, and its connection serves the next.
async fn given_up(pair: &Pair, ctx: &TenantContext) {
    let mut conn = on_replica(pair, ctx).await;
    let sleep = sqlx::query("SELECT pg_sleep(20)").execute(&mut conn);
    let soon = std::time::Duration::from_millis(50);
    assert!(tokio::time::timeout(soon, sleep).await.is_err());
}

#[tokio::test]
async fn a_tenant_reaches_nothing_of_anothers_and_writes_nothing() {
    let pair = Pair::new(PoolOptions::default()).await;
    pair.write(&pair.beta, "beta's").await;
    pair.catches_up().await;
    let mut conn = on_replica(&pair, &pair.alpha).await;
    let theirs = sqlx::query("SELECT FROM notes WHERE tenant_id = $1").bind(pair.beta.tenant_id().as_uuid());
    assert_eq!(theirs.fetch_all(&mut conn).await.unwrap().len(), 0);
    let become_them = "SELECT set_config('app.current_tenant', $1, false)";
    let become_them = sqlx::query(become_them).bind(pair.beta.tenant_id().to_string());
    assert!(become_them.execute(&mut conn).await.is_err());
    assert_eq!(bodies(&mut conn).await, Vec::<String>::new());
    let error = sqlx::query("DELETE FROM notes")
        .execute(&mut conn)
        .await
        .unwrap_err();
    let code = error.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("25006"));
    assert_eq!(tenancy_core::Error::from(error).kind(), Kind::Internal);
}

#[tokio::test]
async fn a_question_of_a_standby_costs_what_its_documentation_says() {
    let pair = Pair::new(PoolOptions {
        max_connections: 1,
        ..PoolOptions::default()
    })
    .await;
    pair.catches_up().await;
    // without an own sleep the tenants' sample is as old as the last one: no bound is so wide that it is taken again
    let read = async |ctx: &TenantContext| {
        pair.to_replica.reset();
        let mut conn = on_replica(&pair, ctx).await;
        sqlx::query("SELECT 1").execute(&mut conn).await.unwrap();
        pair.to_replica.round_trips()
    };
    read(&pair.alpha).await;
    assert_eq!(read(&pair.alpha).await, 1, "a hit");
    assert_eq!(read(&pair.beta).await, 2, "another tenant's");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(read(&pair.alpha).await, 2, "another tenant's, that asks again");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    pair.to_primary.reset();
    assert_eq!(read(&pair.alpha).await, 2, "a hit, that asks again");
    assert_eq!(
        pair.to_primary.round_trips(),
        0,
        "the primary was asked within the hour"
    );
    pair.sees(&pair.alpha, super::at_most(500)).await;
    assert_eq!(pair.to_primary.round_trips(), 1, "and not within half a second");
}
