//! What the registry holds, whoever writes.

use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection};
use tenancy_control::{NewTenant, Registry};
use tenancy_core::{DocumentLayout, Epoch, Kind, Placement, TenantId, TenantStatus, Tier, names};

use crate::fixture::{Fixture, connect, constraint, is, new_tenant, owner_key};

#[tokio::test]
async fn creating_twice_creates_once() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let again = fixture.registry.create(&acme).await.unwrap();
    assert_eq!(again, fixture.registry.tenant(acme.id).await.unwrap());
    let other = NewTenant {
        slug: "acme-2".parse().unwrap(),
        ..acme.clone()
    };
    is(
        fixture.registry.create(&other).await,
        Kind::Conflict,
        "id is taken",
    );
    let other = NewTenant {
        id: TenantId::new(),
        identity_tenant: "other-1".parse().unwrap(),
        ..acme.clone()
    };
    is(
        fixture.registry.create(&other).await,
        Kind::Conflict,
        "slug is taken",
    );
    let other = NewTenant {
        id: TenantId::new(),
        slug: "acme-2".parse().unwrap(),
        ..acme
    };
    is(fixture.registry.create(&other).await, Kind::Conflict, "user pool");
}

#[tokio::test]
async fn names_are_not_given_again_when_their_tenant_is_gone() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let erase = "BEGIN; DELETE FROM registry.user_tenants; DELETE FROM registry.users; DELETE FROM registry.tenants; COMMIT";
    sqlx::raw_sql(erase)
        .execute(&mut fixture.owner().await)
        .await
        .unwrap();
    is(
        fixture.registry.tenant(acme.id).await,
        Kind::NotFound,
        "not found",
    );
    let pool = |name: &str| name.parse().unwrap();
    for (new, says) in [
        (
            NewTenant {
                identity_tenant: pool("acme-new"),
                ..new_tenant("acme", Tier::Free)
            },
            "slug is taken",
        ),
        (
            NewTenant {
                identity_tenant: acme.identity_tenant.clone(),
                ..new_tenant("acme-2", Tier::Free)
            },
            "user pool",
        ),
        (
            NewTenant {
                id: acme.id,
                ..new_tenant("acme-3", Tier::Free)
            },
            "id is taken",
        ),
        (acme, "id is taken"),
    ] {
        is(fixture.registry.create(&new).await, Kind::Conflict, says);
    }
}

#[tokio::test]
async fn who_somebody_is_never_changes() {
    let fixture = Fixture::new().await;
    let (acme, ada) = (
        fixture.tenant("acme", Tier::Standard).await,
        fixture.tenant("ada", Tier::Free).await,
    );
    let mut owner = fixture.owner().await;
    let (id, other) = (acme.id, TenantId::new());
    for (statement, expect) in [
        (
            format!("UPDATE registry.tenants SET id = '{other}' WHERE id = '{id}'"),
            "tenant_kept",
        ),
        (
            format!("UPDATE registry.tenants SET slug = 'acme-2' WHERE id = '{id}'"),
            "tenant_kept",
        ),
        (
            format!("UPDATE registry.tenants SET identity_tenant = 'acme-2' WHERE id = '{id}'"),
            "tenant_kept",
        ),
        (
            "UPDATE registry.users SET firebase_uid = 'x' WHERE firebase_uid = 'acme-owner'".to_owned(),
            "user_kept",
        ),
        (
            format!(
                "UPDATE registry.user_tenants SET tenant_id = '{}' WHERE tenant_id = '{id}'",
                ada.id
            ),
            "member_kept",
        ),
        (
            "UPDATE registry.claims SET slug = 'acme-2'".to_owned(),
            "claims_kept",
        ),
        ("DELETE FROM registry.claims".to_owned(), "claims_kept"),
        ("TRUNCATE registry.claims CASCADE".to_owned(), "claims_kept"),
        (
            format!("UPDATE registry.tenants SET tier = 'gold' WHERE id = '{id}'"),
            "tier_known",
        ),
        (
            format!("UPDATE registry.tenants SET status = 'asleep' WHERE id = '{id}'"),
            "status_known",
        ),
        (
            format!("UPDATE registry.user_tenants SET role = 'root' WHERE tenant_id = '{id}'"),
            "role_known",
        ),
        (
            format!("UPDATE registry.tenants SET custom_host = 'A.example' WHERE id = '{id}'"),
            "custom_host_shape",
        ),
    ] {
        assert_eq!(constraint(&mut owner, statement).await, expect);
    }
}

#[tokio::test]
async fn an_epoch_only_rises() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let mut placement = acme.placement.clone();
    fixture.registry.place(acme.id, &placement).await.unwrap();
    placement
        .sql
        .insert("social".parse().unwrap(), "acme-postgres-2".parse().unwrap());
    is(
        fixture.registry.place(acme.id, &placement).await,
        Kind::Conflict,
        "greater epoch",
    );
    let mut elsewhere = acme.placement.clone();
    elsewhere.graph.insert(
        "places".parse().unwrap(),
        names::graph(&"globex".parse().unwrap()).unwrap(),
    );
    is(
        fixture.registry.place(acme.id, &elsewhere).await,
        Kind::Conflict,
        "greater epoch",
    );
    let project = "demo-tenancy".parse().unwrap();
    placement.documents.insert(
        "live".parse().unwrap(),
        names::documents(&acme.slug, &project, DocumentLayout::Dedicated).unwrap(),
    );
    placement
        .graph
        .insert("places".parse().unwrap(), names::graph(&acme.slug).unwrap());
    let at = |epoch| Placement {
        epoch: Epoch(epoch),
        ..placement.clone()
    };
    fixture.registry.place(acme.id, &at(3)).await.unwrap();
    is(
        fixture.registry.place(acme.id, &at(2)).await,
        Kind::Conflict,
        "greater epoch",
    );
    is(
        fixture.registry.place(acme.id, &at(u64::MAX)).await,
        Kind::Invalid,
        "",
    );
    is(
        fixture.registry.place(TenantId::new(), &at(4)).await,
        Kind::NotFound,
        "",
    );
    assert_eq!(fixture.registry.tenant(acme.id).await.unwrap().placement, at(3));
}

#[tokio::test]
async fn a_tenant_is_not_made_without_an_owner() {
    let fixture = Fixture::new().await;
    let statement = format!(
        "INSERT INTO registry.tenants (id, slug, name, tier, status, identity_tenant, epoch, sql, objects)
         VALUES ('{}', 'acme', 'Acme', 'free', 'active', 'acme-1', 0, '{{}}', '{{}}')",
        TenantId::new()
    );
    assert_eq!(
        constraint(&mut fixture.owner().await, statement).await,
        "last_owner"
    );
}

#[tokio::test]
async fn a_tenant_is_suspended_and_resumed() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let registry = &fixture.registry;
    is(registry.resume(TenantId::new()).await, Kind::NotFound, "");
    registry.suspend(acme.id).await.unwrap();
    registry.suspend(acme.id).await.unwrap();
    assert_eq!(
        registry.tenant(acme.id).await.unwrap().status,
        TenantStatus::Suspended
    );
    let moving = registry
        .change_status(acme.id, TenantStatus::Active, TenantStatus::Moving)
        .await;
    is(moving, Kind::Conflict, "another status");
    let undead = registry
        .change_status(acme.id, TenantStatus::Deleting, TenantStatus::Active)
        .await;
    is(undead, Kind::Conflict, "no tenant goes");
    registry.resume(acme.id).await.unwrap();
    assert_eq!(
        registry.tenant(acme.id).await.unwrap().status,
        TenantStatus::Active
    );
}

#[tokio::test]
async fn a_host_of_ones_own_is_ones_own() {
    let fixture = Fixture::new().await;
    let (acme, globex) = (
        fixture.tenant("acme", Tier::Standard).await,
        fixture.tenant("globex", Tier::Enterprise).await,
    );
    let initech = fixture.tenant("initech", Tier::Enterprise).await;
    let host = "trips.globex.example".parse().unwrap();
    let registry = &fixture.registry;
    is(
        registry.set_custom_host(acme.id, Some(&host)).await,
        Kind::NotEntitled,
        "",
    );
    registry.set_custom_host(globex.id, Some(&host)).await.unwrap();
    is(
        registry.set_custom_host(initech.id, Some(&host)).await,
        Kind::Conflict,
        "another tenant",
    );
    registry.set_custom_host(globex.id, None).await.unwrap();
    registry.set_custom_host(initech.id, Some(&host)).await.unwrap();
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    Registry::migrate(&mut fixture.owner().await).await.unwrap();
    assert!(
        fixture
            .registry
            .member(&owner_key(&acme))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn migrating_takes_the_database_from_everybody_else() {
    let fixture = Fixture::new().await;
    let (database, mut superuser) = (format!("plain_{}", std::process::id()), fixture.superuser().await);
    let create = format!("CREATE DATABASE {database} OWNER {}", fixture.database.owner_role);
    sqlx::query(AssertSqlSafe(create))
        .execute(&mut superuser)
        .await
        .unwrap();
    let url = fixture
        .database
        .owner_url
        .expose_secret()
        .replace(&fixture.database.name, &database);
    let mut owner = connect(&url.into()).await;
    let rights = "SELECT string_agg(a.privilege_type, ' ') FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                  WHERE d.datname = current_database() AND a.grantee = 0";
    let before: Option<String> = sqlx::query_scalar(rights).fetch_one(&mut owner).await.unwrap();
    Registry::migrate(&mut owner).await.unwrap();
    let after: Option<String> = sqlx::query_scalar(rights).fetch_one(&mut owner).await.unwrap();
    owner.close().await.unwrap();
    assert!(before.is_some_and(|rights| rights.contains("TEMPORARY")));
    assert_eq!(after, None);
}
