//! A job that crosses a queue is done with what its asker may do by then, or not at all.

use demo::world::{Service, Tenant};
use reqwest::Method;
use serde_json::Value;
use tenancy_core::{Role, UserId};

use crate::harness::{Trips, new_user, on_trips, until};

/// A member of acme of this test's own, and the token.
async fn member(trips: &'static Trips, name: &str) -> (UserId, String) {
    let (acme, new) = (trips.tenant("acme"), new_user(name));
    let registry = trips.world.registry();
    let id = registry.add_member(acme.id(), &new, Role::Member).await.unwrap();
    let token = trips
        .world
        .mint()
        .token(&acme.record.identity_tenant, &new.subject);
    let call = trips.call(acme, Service::Itineraries, Method::GET, "/itineraries");
    until(&call.token(&token), 200, std::time::Duration::from_secs(5)).await;
    (id, token)
}

async fn ask(trips: &'static Trips, at: &Tenant, token: &str) -> String {
    let call = trips.call(at, Service::Itineraries, Method::POST, "/exports");
    call.token(token).send().await.id()
}

/// An export, as the tenant's owner sees it.
async fn seen(trips: &'static Trips, at: &Tenant, export: &str) -> Value {
    let call = trips.call(
        at,
        Service::Itineraries,
        Method::GET,
        &format!("/exports/{export}"),
    );
    call.token(&trips.token(at, Role::Owner)).send().await.json()
}

#[test]
fn an_export_holds_what_its_asker_sees_and_no_more() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let (_, token) = member(trips, "sees").await;
        let private = serde_json::json!({ "title": "the owner's own" });
        let owner = trips.token(acme, Role::Owner);
        let create = trips.call(acme, Service::Itineraries, Method::POST, "/itineraries");
        let hidden = create.token(&owner).json(private).send().await.id();
        let (theirs, owners) = (ask(trips, acme, &token).await, ask(trips, acme, &owner).await);
        assert!(trips.world.work(acme.target()).await.unwrap().is_clean());
        for (export, holds) in [(theirs, false), (owners, true)] {
            let export = seen(trips, acme, &export).await;
            assert_eq!(export["state"], "made", "{export}");
            let of = |id: &str| export["itineraries"].to_string().contains(id);
            assert_eq!(of(&hidden), holds, "{export}");
            assert!(!of("globex"), "{export}");
        }
    });
}

#[test]
fn who_is_no_member_any_more_gets_no_export_made() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let (id, token) = member(trips, "leaves").await;
        let export = ask(trips, acme, &token).await;
        trips.world.registry().remove_member(acme.id(), id).await.unwrap();
        let call = trips.call(acme, Service::Itineraries, Method::GET, "/itineraries");
        until(&call.token(&token), 404, std::time::Duration::from_secs(5)).await;
        trips.world.work(acme.target()).await.unwrap();
        let export = seen(trips, acme, &export).await;
        assert_eq!(
            (&export["state"], &export["itineraries"]),
            (&"refused".into(), &Value::Null)
        );
    });
}
