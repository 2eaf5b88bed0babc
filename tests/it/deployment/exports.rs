//! A job that crosses a queue is done with what its asker may do by then, or not at all.

use std::sync::{Mutex, MutexGuard, PoisonError};

use demo::world::{Service, Tenant};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::Value;
use sqlx::Connection;
use tenancy_core::{Role, UserId};

use crate::harness::{Trips, new_user, on_trips, until};

/// Who has the worker come round: acme's queue is all tests', and another's round would do a job that this one's is to meet.
static ROUNDS: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ROUNDS.lock().unwrap_or_else(PoisonError::into_inner)
}

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
    let _rounds = alone();
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let (_, token) = member(trips, "sees").await;
        let private = serde_json::json!({ "title": "the owner's own" });
        let owner = trips.token(acme, Role::Owner);
        let create = trips.call(acme, Service::Itineraries, Method::POST, "/itineraries");
        let hidden = create.token(&owner).json(private).send().await.id();
        let (theirs, owners) = (ask(trips, acme, &token).await, ask(trips, acme, &owner).await);
        // the other tests' jobs are before these, and a round does some of them
        for _ in 0..5 {
            assert!(trips.world.work(acme.target()).await.unwrap().is_clean());
        }
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
    let _rounds = alone();
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let (id, token) = member(trips, "leaves").await;
        let export = ask(trips, acme, &token).await;
        trips.world.registry().remove_member(acme.id(), id).await.unwrap();
        let call = trips.call(acme, Service::Itineraries, Method::GET, "/itineraries");
        until(&call.token(&token), 404, std::time::Duration::from_secs(5)).await;
        for _ in 0..5 {
            trips.world.work(acme.target()).await.unwrap();
        }
        let export = seen(trips, acme, &export).await;
        assert_eq!(
            (&export["state"], &export["itineraries"]),
            (&"refused".into(), &Value::Null)
        );
    });
}

/// How many rows the worker left in a tenant's audit log.
async fn audited(trips: &'static Trips, at: &Tenant) -> i64 {
    let location = &at.record.placement.sql[&"core".parse().unwrap()];
    let url = trips.world.superuser_url(location).unwrap().expose_secret();
    let mut superuser = sqlx::PgConnection::connect(url).await.unwrap();
    let text = "SELECT count(*) FROM tenancy.audit_log WHERE tenant_id = $1 AND actor LIKE 'service:%'";
    let query = sqlx::query_scalar(text).bind(at.id());
    query.fetch_one(&mut superuser).await.unwrap()
}

/// A round each second that finds nothing to do is nothing that a tenant has to read in its audit log.
#[test]
fn a_round_without_jobs_leaves_the_audit_log_as_it_is() {
    on_trips(async |trips| {
        let globex = trips.tenant("globex");
        let round = async || assert!(trips.world.work(globex.target()).await.unwrap().is_clean());
        round().await;
        let before = audited(trips, globex).await;
        round().await;
        round().await;
        assert_eq!(audited(trips, globex).await, before);
    });
}

/// Asking is cheap and an export may be large: who asks again and again has the newest, and no more.
#[test]
fn a_user_has_so_many_exports_and_no_more() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let ((_, one), (_, other)) = (member(trips, "asks").await, member(trips, "waits").await);
        let others = ask(trips, acme, &other).await;
        let mut all = Vec::new();
        for _ in 0..12 {
            all.push(ask(trips, acme, &one).await);
        }
        let is_there = async |export: &str| seen(trips, acme, export).await["state"].is_string();
        for (n, export) in all.iter().enumerate() {
            assert_eq!(is_there(export).await, n >= 2, "{n}");
        }
        assert!(is_there(&others).await);
    });
}
