//! A deployment's list of its tenants.

use tenancy_core::{ListedTenant, TenantList, TenantStatus, Tier, directory::PgDirectory, registry::Access};

use crate::fixture::Fixture;

#[tokio::test]
async fn a_shared_deployment_pages_through_all_and_a_pinned_one_has_its_own() {
    let fixture = Fixture::new().await;
    let mut all = Vec::new();
    for slug in ["ada", "acme", "globex"] {
        let tenant = fixture.tenant(slug, Tier::Standard).await;
        all.push(ListedTenant {
            id: tenant.id,
            status: TenantStatus::Active,
        });
    }
    let suspended = fixture.registry.suspend(all[1].id);
    suspended.await.unwrap();
    all[1].status = TenantStatus::Suspended;

    let shared = PgDirectory::new(fixture.shared().await.client(Access::Shared));
    for (after, limit, expect) in [
        (None, 10, &all[..]),
        (None, 2, &all[..2]),
        (Some(all[0].id), 10, &all[1..]),
        (Some(all[2].id), 10, &[]),
        (None, 0, &[]),
    ] {
        assert_eq!(shared.tenants_after(after, limit).await.unwrap(), expect);
    }

    let role = fixture.pinned(all[1].id).await;
    let pinned = PgDirectory::new(role.client(Access::Pinned));
    assert_eq!(pinned.tenants_after(None, 10).await.unwrap(), &all[1..2]);
    assert_eq!(
        pinned.tenants_after(Some(all[0].id), 10).await.unwrap(),
        &all[1..2]
    );
    assert_eq!(pinned.tenants_after(Some(all[1].id), 10).await.unwrap(), []);
    // and may not ask for more than that
    let reaching = PgDirectory::new(role.client(Access::Shared));
    assert!(reaching.tenants_after(None, 10).await.is_err());
    // a role that belongs to no tenant has none
    let mut owner = fixture.owner().await;
    sqlx::query("SELECT registry.revoke($1::name)")
        .bind(role.name.as_str())
        .execute(&mut owner)
        .await
        .unwrap();
    assert!(pinned.tenants_after(None, 10).await.is_err());
}
