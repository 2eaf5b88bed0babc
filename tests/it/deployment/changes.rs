//! What changes in the registry is true at the services within a second.

use std::time::Duration;

use demo::world::{Service, Tenant};
use reqwest::Method;
use serde_json::json;
use tenancy_core::{Role, TenantStatus, UserId};

use crate::harness::{Guest, Trips, new_user, on_trips, until};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_suspended_tenant_is_shut_out_within_a_second_and_let_in_again() {
    on_trips(async |trips| {
        let guest = Guest::new(trips, "shut-out").await;
        let (tenant, call) = (
            &guest.tenant,
            guest.call(trips, Service::Itineraries, Method::GET, "/itineraries"),
        );
        until(&call, 200, SECOND).await;
        for _ in 0..5 {
            trips.world.registry().suspend(tenant.id).await.unwrap();
            until(&call, 403, SECOND).await;
            let answer = call.send().await;
            assert_eq!((answer.status, answer.code().as_str()), (403, "suspended"));
            trips.world.registry().resume(tenant.id).await.unwrap();
            until(&call, 200, SECOND).await;
        }
    });
}

#[test]
fn a_tenant_that_is_being_erased_is_gone_within_a_second() {
    on_trips(async |trips| {
        let guest = Guest::new(trips, "erased").await;
        let (tenant, call) = (
            &guest.tenant,
            guest.call(trips, Service::Itineraries, Method::GET, "/itineraries"),
        );
        until(&call, 200, SECOND).await;
        let registry = trips.world.registry();
        registry
            .change_status(tenant.id, TenantStatus::Active, TenantStatus::Deleting)
            .await
            .unwrap();
        until(&call, 404, SECOND).await;
    });
}

/// A member of a pinned deployment's tenant, for this test alone.
async fn member(trips: &'static Trips, tenant: &Tenant, role: Role) -> (UserId, String) {
    let new = new_user("changing");
    let id = trips
        .world
        .registry()
        .add_member(tenant.id(), &new, role)
        .await
        .unwrap();
    (
        id,
        trips
            .world
            .mint()
            .token(&tenant.record.identity_tenant, &new.subject),
    )
}

#[test]
fn a_role_that_changes_is_another_within_a_second() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let (id, token) = member(trips, acme, Role::Member).await;
        let write = trips
            .call(acme, Service::Itineraries, Method::PUT, "/users/me")
            .token(&token);
        let write = write.json(json!({ "display_name": "Ada" }));
        until(&write, 200, SECOND).await;
        for _ in 0..5 {
            trips
                .world
                .registry()
                .set_role(acme.id(), id, Role::ReadOnly)
                .await
                .unwrap();
            until(&write, 403, SECOND).await;
            assert_eq!(write.send().await.code(), "forbidden");
            trips
                .world
                .registry()
                .set_role(acme.id(), id, Role::Member)
                .await
                .unwrap();
            until(&write, 200, SECOND).await;
        }
        trips.world.registry().remove_member(acme.id(), id).await.unwrap();
        until(&write, 404, SECOND).await;
    });
}
