//! Another tenant's ids, host, header and token: every route answers what it answers about an id that nobody has.

use demo::world::{DOMAIN, Service, Target, Tenant};
use reqwest::Method;
use tenancy_core::{Role, names};

use super::routes::{Route, all};
use crate::harness::{Answer, Call, Stock, Trips, on_trips};

/// Everybody tries everybody else.
async fn pairs(trips: &'static Trips, attempt: impl AsyncFn(&'static Tenant, &'static Tenant, &Stock)) {
    for victim in trips.world.tenants() {
        let stock = Stock::of(trips, victim).await;
        let before = stock.look(trips, victim).await;
        for thief in trips
            .world
            .tenants()
            .iter()
            .filter(|thief| thief.id() != victim.id())
        {
            attempt(thief, victim, &stock).await;
        }
        assert_eq!(
            stock.look(trips, victim).await,
            before,
            "something of `{}` changed",
            victim.slug()
        );
    }
}

/// What an id that nobody has gets.
async fn not_found(trips: &'static Trips, tenant: &Tenant) -> Answer {
    let path = format!("/itineraries/{}", Stock::nobody().itinerary);
    let call = trips.call(tenant, Service::Itineraries, Method::GET, &path);
    let answer = call.token(&trips.token(tenant, Role::Owner)).send().await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
    answer
}

fn who(thief: &Tenant, victim: &Tenant, route: &Route) -> String {
    format!("`{}` at `{}`: {route}", thief.slug(), victim.slug())
}

#[test]
fn another_tenants_id_reads_like_one_that_nobody_has() {
    on_trips(async |trips| {
        pairs(trips, async |thief, victim, stock| {
            let token = trips.token(thief, Role::Owner);
            for route in all().into_iter().filter(Route::names) {
                let ask = async |stock: &Stock| route.call(trips, thief, stock).token(&token).send().await;
                let (theirs, nobodys) = (ask(stock).await, ask(&Stock::nobody()).await);
                let what = who(thief, victim, &route);
                if route.service == Service::Itineraries {
                    assert_eq!(
                        (theirs.status, theirs.code().as_str()),
                        (404, "not_found"),
                        "{what}"
                    );
                }
                assert_eq!(theirs.seen(), nobodys.seen(), "{what}");
            }
        })
        .await;
    });
}

/// Ways to name another tenant beside the token.
fn hints(call: &Call, victim: &Tenant) -> Vec<Call> {
    let host = if victim.target() == Target::Shared {
        names::host(&victim.record.slug, DOMAIN)
    } else {
        victim.host()
    };
    vec![
        call.clone().host(&host),
        call.clone().host(&host.to_uppercase()),
        call.clone().host(&format!("{host}:443")),
        call.clone().header("x-tenant-id", victim.slug()),
        call.clone().header("x-tenant-id", &victim.id().to_string()),
        // one that agrees beside one that does not
        call.clone()
            .header("x-tenant-id", "{own}")
            .header("x-tenant-id", victim.slug()),
    ]
}

#[test]
fn another_tenants_host_or_header_reads_like_an_unknown_id() {
    on_trips(async |trips| {
        pairs(trips, async |thief, victim, _| {
            let (own, token) = (Stock::of(trips, thief).await, trips.token(thief, Role::Owner));
            let (absent, before) = (not_found(trips, thief).await, own.look(trips, thief).await);
            for route in all() {
                for call in hints(&route.call(trips, thief, &own).token(&token), victim) {
                    let call = call.replaced("{own}", thief.slug());
                    assert_eq!(
                        call.send().await.seen(),
                        absent.seen(),
                        "{}: {call:?}",
                        who(thief, victim, &route)
                    );
                }
            }
            assert_eq!(
                own.look(trips, thief).await,
                before,
                "a refused request of `{}` did something",
                thief.slug()
            );
        })
        .await;
    });
}

#[test]
fn a_pinned_deployment_refuses_every_other_tenants_token() {
    on_trips(async |trips| {
        pairs(trips, async |thief, victim, stock| {
            if victim.target() == Target::Shared {
                return;
            }
            let (absent, token) = (not_found(trips, victim).await, trips.token(thief, Role::Owner));
            for route in all() {
                let call = route.call(trips, victim, stock).token(&token);
                for call in [call.clone(), call.clone().host(&thief.host()), call.host(DOMAIN)] {
                    assert_eq!(
                        call.send().await.seen(),
                        absent.seen(),
                        "{}",
                        who(thief, victim, &route)
                    );
                }
            }
        })
        .await;
    });
}

#[test]
fn the_shared_deployment_serves_no_tenant_that_has_a_place_of_its_own() {
    on_trips(async |trips| {
        let bob = trips.tenant("bob");
        let stock = Stock::of(trips, bob).await;
        let before = stock.look(trips, bob).await;
        let absent = not_found(trips, bob).await;
        for thief in ["acme", "globex"].map(|slug| trips.tenant(slug)) {
            let token = trips.token(thief, Role::Owner);
            for route in all() {
                let answer = route.call(trips, bob, &stock).token(&token).send().await;
                assert_eq!(answer.seen(), absent.seen(), "{}", who(thief, bob, &route));
            }
        }
        assert_eq!(stock.look(trips, bob).await, before);
    });
}

#[test]
fn a_route_that_does_not_exist_reads_like_an_unknown_id() {
    on_trips(async |trips| {
        let ada = trips.tenant("ada");
        let call = trips.call(ada, Service::Itineraries, Method::GET, "/trips/1");
        let absent = not_found(trips, ada).await;
        for call in [call.clone(), call.token(&trips.token(ada, Role::Owner))] {
            assert_eq!(call.send().await.text(), absent.text());
        }
    });
}
