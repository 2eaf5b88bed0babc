//! What deployments are told.

use std::{collections::BTreeSet, sync::Arc};

use tenancy_core::{
    Directory, Membership, MembershipKey, PlanChanges, Role, TenantKey, TenantRecord, Tier,
    directory::PgDirectory,
    registry::{Access, RegistryClient},
};

use crate::fixture::{Fixture, new_tenant, owner_key, user};

fn keys(record: &TenantRecord) -> Vec<TenantKey> {
    let mut keys = vec![
        TenantKey::Id(record.id),
        TenantKey::Slug(record.slug.clone()),
        TenantKey::Identity(record.identity_tenant.clone()),
    ];
    keys.extend(record.custom_host.clone().map(TenantKey::Host));
    keys
}

async fn ask(client: &RegistryClient, key: &TenantKey) -> Option<TenantRecord> {
    PgDirectory::new(client.clone())
        .lookup(key)
        .await
        .unwrap()
        .map(Arc::unwrap_or_clone)
}

#[tokio::test]
async fn a_record_comes_back_as_it_was_written_on_every_tier() {
    let fixture = Fixture::new().await;
    let shared = fixture.shared().await.client(Access::Shared);
    for (slug, tier) in [
        ("ada", Tier::Free),
        ("acme", Tier::Standard),
        ("globex", Tier::Enterprise),
    ] {
        let mut new = new_tenant(slug, tier);
        new.plan = (tier == Tier::Enterprise).then(|| PlanChanges {
            backup_days: Some(3650),
            ..PlanChanges::default()
        });
        fixture.registry.create(&new).await.unwrap();
        let host = (tier == Tier::Enterprise).then_some("trips.globex.example");
        let parsed = host.map(|host| host.parse().unwrap());
        fixture
            .registry
            .set_custom_host(new.id, parsed.as_ref())
            .await
            .unwrap_or_else(|e| panic!("{tier}: {e}"));
        let expect = TenantRecord {
            id: new.id,
            slug: new.slug.clone(),
            name: new.name.as_str().to_owned(),
            tier,
            status: new.status,
            identity_tenant: new.identity_tenant.clone(),
            custom_host: host.map(str::to_owned),
            plan: new.plan.clone().map(Into::into),
            placement: new.placement.clone(),
        };
        let pinned = fixture.pinned(new.id).await.client(Access::Pinned);
        assert_eq!(fixture.registry.tenant(new.id).await.unwrap(), expect);
        for key in keys(&expect) {
            assert_eq!(ask(&shared, &key).await, Some(expect.clone()), "{key:?}");
            assert_eq!(ask(&pinned, &key).await, Some(expect.clone()), "{key:?}");
        }
    }
}

#[tokio::test]
async fn what_nobody_is_has_no_answer() {
    let fixture = Fixture::new().await;
    fixture.tenant("acme", Tier::Standard).await;
    let shared = fixture.shared().await.client(Access::Shared);
    let nobody = fixture
        .registry
        .tenant(tenancy_core::TenantId::new())
        .await
        .unwrap_err();
    assert_eq!(nobody.kind(), tenancy_core::Kind::NotFound);
    for key in [
        TenantKey::Id(tenancy_core::TenantId::new()),
        TenantKey::Slug("acme-2".parse().unwrap()),
        TenantKey::Identity("ACME-x1y2z".parse().unwrap()),
        TenantKey::Host("acme.example".to_owned()),
        TenantKey::Host(String::new()),
    ] {
        assert_eq!(ask(&shared, &key).await, None, "{key:?}");
    }
}

#[tokio::test]
async fn a_role_comes_back_as_it_was_given() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let clients = [
        fixture.shared().await.client(Access::Shared),
        fixture.pinned(acme.id).await.client(Access::Pinned),
    ];
    let mut seen = BTreeSet::new();
    for role in Role::ALL {
        let user = user(role.as_str());
        let id = fixture.registry.add_member(acme.id, &user, role).await.unwrap();
        let key = MembershipKey {
            subject: user.subject,
            ..owner_key(&acme)
        };
        for client in &clients {
            assert_eq!(
                client.membership(&key).await.unwrap(),
                Some(Membership {
                    user: id,
                    role: role.into()
                }),
                "{role}"
            );
        }
        assert!(seen.insert(id), "two users share an id");
    }
}

#[tokio::test]
async fn a_membership_is_found_by_all_its_parts_only() {
    let fixture = Fixture::new().await;
    let (acme, ada) = (
        fixture.tenant("acme", Tier::Standard).await,
        fixture.tenant("ada", Tier::Free).await,
    );
    let (right, other) = (owner_key(&acme), owner_key(&ada));
    let wrong = [
        MembershipKey {
            tenant: other.tenant,
            ..right.clone()
        },
        MembershipKey {
            pool: other.pool.clone(),
            ..right.clone()
        },
        MembershipKey {
            subject: other.subject.clone(),
            ..right.clone()
        },
        MembershipKey {
            tenant: right.tenant,
            ..other.clone()
        },
    ];
    for client in [
        fixture.shared().await.client(Access::Shared),
        fixture.pinned(acme.id).await.client(Access::Pinned),
    ] {
        assert!(client.membership(&right).await.unwrap().is_some());
        for key in &wrong {
            assert_eq!(client.membership(key).await.unwrap(), None, "{key:?}");
        }
    }
}
