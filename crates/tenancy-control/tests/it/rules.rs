//! What the registry holds, whoever writes.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tenancy_control::NewTenant;
use tenancy_core::{Epoch, Error, Kind, Placement, Role, TenantId, TenantStatus, Tier, UserId};

use crate::fixture::{Fixture, new_tenant, owner_key, user};

fn is(outcome: Result<impl std::fmt::Debug, Error>, kind: Kind, says: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
}

/// The constraint that refuses a statement of the owner's.
async fn constraint(owner: &mut PgConnection, statement: String) -> String {
    let error = match sqlx::raw_sql(AssertSqlSafe(statement.clone()))
        .execute(owner)
        .await
    {
        Ok(done) => panic!("`{statement}` changed {} rows", done.rows_affected()),
        Err(error) => error,
    };
    let constraint = error
        .as_database_error()
        .and_then(|database| database.constraint().map(str::to_owned));
    constraint.unwrap_or_else(|| panic!("`{statement}`: {error}"))
}

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
async fn a_user_of_another_pool_is_no_member() {
    let fixture = Fixture::new().await;
    let (acme, ada) = (
        fixture.tenant("acme", Tier::Standard).await,
        fixture.tenant("ada", Tier::Free).await,
    );
    let mut owner = fixture.owner().await;
    for pool in [&acme.identity_tenant, &ada.identity_tenant] {
        let statement = format!(
            "INSERT INTO registry.user_tenants VALUES ('{}', '{}', '{}', '{pool}', 'owner')",
            UserId::new(),
            ada.owner.id,
            acme.id
        );
        let refusal = constraint(&mut owner, statement).await;
        assert!(
            ["user_tenants_user", "user_tenants_tenant"].contains(&refusal.as_str()),
            "{refusal}"
        );
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
async fn the_last_owner_stays() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let (registry, first) = (&fixture.registry, acme.owner.id);
    is(
        registry.set_role(acme.id, first, Role::Admin).await,
        Kind::Conflict,
        "at least one owner",
    );
    is(
        registry.remove_member(acme.id, first).await,
        Kind::Conflict,
        "at least one owner",
    );
    let second = registry
        .add_member(acme.id, &user("second"), Role::Owner)
        .await
        .unwrap();
    registry.set_role(acme.id, first, Role::Member).await.unwrap();
    is(
        registry.set_role(acme.id, second, Role::Member).await,
        Kind::Conflict,
        "at least one owner",
    );
    registry.set_role(acme.id, first, Role::Owner).await.unwrap();
    registry.remove_member(acme.id, second).await.unwrap();
    is(registry.remove_member(acme.id, second).await, Kind::NotFound, "");
    is(
        registry.set_role(acme.id, second, Role::Owner).await,
        Kind::NotFound,
        "",
    );
}

#[tokio::test]
async fn two_owners_who_leave_at_once_do_not_both_leave() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let second = fixture
        .registry
        .add_member(acme.id, &user("second"), Role::Owner)
        .await
        .unwrap();
    // by hand, so that both have passed the check, or wait for it, before either ends
    let (mut a, mut b) = (fixture.owner().await, fixture.owner().await);
    let (mut a, mut b) = (a.begin().await.unwrap(), b.begin().await.unwrap());
    let leave = "DELETE FROM registry.user_tenants WHERE user_id = $1";
    sqlx::query(leave)
        .bind(acme.owner.id)
        .execute(&mut *a)
        .await
        .unwrap();
    sqlx::query(leave).bind(second).execute(&mut *b).await.unwrap();
    let check = "SET CONSTRAINTS ALL IMMEDIATE";
    sqlx::raw_sql(check).execute(&mut *a).await.unwrap();
    let end = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        a.commit().await.unwrap();
    };
    let (checked, ()) = tokio::join!(sqlx::raw_sql(check).execute(&mut *b), end);
    assert!(checked.is_err(), "both left");
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
async fn a_free_tenant_has_one_seat() {
    let fixture = Fixture::new().await;
    let (ada, acme) = (
        fixture.tenant("ada", Tier::Free).await,
        fixture.tenant("acme", Tier::Standard).await,
    );
    is(
        fixture
            .registry
            .add_member(ada.id, &user("bob"), Role::Member)
            .await,
        Kind::NotEntitled,
        "",
    );
    let plan = tenancy_core::Plan {
        seats: tenancy_core::Allowance::Limited(2),
        ..tenancy_core::Plan::of(Tier::Standard)
    };
    fixture.registry.set_plan(acme.id, Some(&plan)).await.unwrap();
    let bob = fixture
        .registry
        .add_member(acme.id, &user("bob"), Role::Member)
        .await
        .unwrap();
    is(
        fixture
            .registry
            .add_member(acme.id, &user("eve"), Role::Member)
            .await,
        Kind::QuotaExceeded,
        "",
    );
    fixture.registry.set_plan(acme.id, None).await.unwrap();
    is(
        fixture
            .registry
            .add_member(acme.id, &user("bob"), Role::Admin)
            .await,
        Kind::Conflict,
        "member already",
    );
    fixture.registry.remove_member(acme.id, bob).await.unwrap();
    let again = fixture
        .registry
        .add_member(acme.id, &user("bob"), Role::ReadOnly)
        .await
        .unwrap();
    assert_eq!(again, bob, "a user who comes back is the same user");
}

#[tokio::test]
async fn two_who_want_the_last_seat_do_not_both_get_it() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let plan = tenancy_core::Plan {
        seats: tenancy_core::Allowance::Limited(2),
        ..tenancy_core::Plan::of(Tier::Standard)
    };
    fixture.registry.set_plan(acme.id, Some(&plan)).await.unwrap();
    let (bob, eve) = (user("bob"), user("eve"));
    // whoever did not wait for the tenant would count the seats before either is taken
    let mut busy = fixture.owner().await;
    let mut busy = busy.begin().await.unwrap();
    let hold = sqlx::query("SELECT FROM registry.tenants WHERE id = $1 FOR UPDATE").bind(acme.id);
    hold.execute(&mut *busy).await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        busy.commit().await.unwrap();
    };
    let (bob, eve, ()) = tokio::join!(
        fixture.registry.add_member(acme.id, &bob, Role::Member),
        fixture.registry.add_member(acme.id, &eve, Role::Member),
        release
    );
    assert!(bob.is_ok() != eve.is_ok(), "{bob:?} {eve:?}");
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
    tenancy_control::Registry::migrate(&mut fixture.owner().await)
        .await
        .unwrap();
    assert!(
        fixture
            .registry
            .member(&owner_key(&acme))
            .await
            .unwrap()
            .is_some()
    );
}
