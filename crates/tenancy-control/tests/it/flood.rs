//! A flood of names that nobody has, on connections that look-ups share.

use std::time::Duration;

use sqlx::{Executor, PgConnection};
use tenancy_core::{TenantKey, Tier, registry::Access};

use crate::fixture::Fixture;

/// Look-ups by slug wait for whoever holds the lock.
const SLOW: &str = "
    CREATE OR REPLACE FUNCTION registry.tenant_by_slug(slug text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(7);
        RETURN NULL;
    END $$;
    SELECT pg_catalog.pg_advisory_lock(7)";

async fn waiting(owner: &mut PgConnection) -> i64 {
    let text = "SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())";
    sqlx::query_scalar(text).fetch_one(owner).await.unwrap()
}

#[tokio::test]
async fn a_flood_of_names_leaves_connections_to_what_a_token_names() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let client = fixture.shared().await.client(Access::Shared);
    let mut owner = fixture.owner().await;
    owner.execute(SLOW).await.unwrap();
    let flood = (0..50).map(|n| {
        let (client, key) = (
            client.clone(),
            TenantKey::Slug(format!("nobody-{n:02}").parse().unwrap()),
        );
        tokio::spawn(async move { client.tenant(&key).await })
    });
    let flood: Vec<_> = flood.collect();
    while waiting(&mut owner).await < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for key in [
        TenantKey::Id(acme.id),
        TenantKey::Identity(acme.identity_tenant.clone()),
    ] {
        let found = client.tenant(&key).await.unwrap();
        assert_eq!(found.map(|record| record.id), Some(acme.id));
    }
    assert_eq!(waiting(&mut owner).await, 2);
    flood.into_iter().for_each(|one| one.abort());
}
