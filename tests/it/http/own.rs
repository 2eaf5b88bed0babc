//! Each tenant at work: every route does for its own what it is there for. Without these, a service that refuses everybody
//! would pass every other test.

use demo::world::Service;
use reqwest::Method;
use tenancy_core::Role;

use super::routes::{OPEN, all};
use crate::harness::{Stock, on_trips};

#[test]
fn every_route_works_for_its_own_tenant_on_every_tier() {
    on_trips(async |trips| {
        for tenant in trips.world.tenants() {
            let (stock, token) = (Stock::of(trips, tenant).await, trips.token(tenant, Role::Owner));
            let mut tag = stock.tag.clone();
            for route in all() {
                let answer = route
                    .call(
                        trips,
                        tenant,
                        &Stock {
                            tag: tag.clone(),
                            ..stock.clone()
                        },
                    )
                    .token(&token)
                    .send()
                    .await;
                let free = tenant.slug() == "ada" || tenant.slug() == "bob";
                if free && route.service == Service::Social {
                    assert_eq!(
                        (answer.status, answer.code().as_str()),
                        (403, "not_entitled"),
                        "{}: {route}",
                        tenant.slug()
                    );
                    continue;
                }
                assert_eq!(
                    answer.status,
                    route.own,
                    "{}: {route}: {}",
                    tenant.slug(),
                    answer.text()
                );
                if route.method == Method::PATCH || route.path.ends_with("/publish") {
                    tag = answer.header("etag").unwrap().to_owned();
                }
            }
        }
    });
}

#[test]
fn whether_it_is_well_a_service_tells_everybody() {
    on_trips(async |trips| {
        for tenant in trips.world.tenants() {
            for service in Service::ALL {
                let answer = trips
                    .call(tenant, service, Method::GET, OPEN)
                    .host("elsewhere.example")
                    .send()
                    .await;
                assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
            }
        }
    });
}
