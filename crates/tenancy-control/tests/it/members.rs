//! Who belongs to a tenant, whoever writes.

use std::time::Duration;

use sqlx::Connection;
use tenancy_core::{Allowance, Kind, PlanChanges, Role, Tier, UserId};

use crate::fixture::{Fixture, constraint, is, user};

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
    let plan = PlanChanges {
        seats: Some(Allowance::Limited(2)),
        ..PlanChanges::default()
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
    let plan = PlanChanges {
        seats: Some(Allowance::Limited(2)),
        ..PlanChanges::default()
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
