//! Behind proxies, and on public routes: what a host says of a tenant, and to whom.

use demo::world::{DOMAIN, Service, Target, Tenant};
use reqwest::Method;
use serde_json::json;
use tenancy_core::{Role, names};

use crate::harness::{Answer, Instance, Settings, Trips, on_trips};

/// The shared `itineraries` behind proxies on these networks.
async fn behind(trips: &Trips, proxies: &[&str]) -> Instance {
    let networks: Vec<toml::Value> = proxies.iter().map(|network| (*network).into()).collect();
    let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
    let settings = settings.set(&["deployment", "trusted_proxies"], networks);
    Instance::start(settings, itineraries::router).await
}

fn host(tenant: &Tenant) -> String {
    names::host(&tenant.record.slug, DOMAIN)
}

async fn forwarded(instance: &Instance, trips: &Trips, tenant: &Tenant, header: (&str, &str)) -> Answer {
    let call = instance.call(trips, Method::GET, "/itineraries");
    let call = call.token(&trips.token(tenant, Role::Owner));
    call.header(header.0, header.1).send().await
}

#[test]
fn a_trusted_proxys_host_has_to_agree_and_anybody_elses_is_ignored() {
    on_trips(async |trips| {
        let (ada, bob) = (trips.tenant("ada"), trips.tenant("bob"));
        let rfc7239 = |host: &str| format!("for=192.0.2.1;host=\"{host}\"");
        let lines = |host: String| [("forwarded", rfc7239(&host)), ("x-forwarded-host", host)];
        for (proxies, another) in [(&["127.0.0.0/8"][..], 404), (&["10.0.0.0/8"], 200), (&[], 200)] {
            let instance = behind(trips, proxies).await;
            for (name, value) in lines(host(ada)) {
                let answer = forwarded(&instance, trips, ada, (name, &value)).await;
                assert_eq!(answer.status, 200, "{proxies:?} {name}");
            }
            for (name, value) in lines(host(bob))
                .into_iter()
                .chain([("forwarded", "host=".to_owned())])
            {
                let answer = forwarded(&instance, trips, ada, (name, &value)).await;
                assert_eq!(answer.status, another, "{proxies:?} {name}: {value}");
            }
        }
    });
}

#[test]
fn a_public_route_knows_whose_host_it_is_and_nothing_of_who_is_suspended() {
    on_trips(async |trips| {
        let instance = behind(trips, &["127.0.0.0/8"]).await;
        let ask = async |host: &str| {
            instance
                .call(trips, Method::GET, "/welcome")
                .host(host)
                .send()
                .await
        };
        let ada = trips.tenant("ada");
        let welcome = ask(&host(ada)).await;
        let says = json!({ "tenant": "ada", "identity_tenant": ada.record.identity_tenant });
        assert_eq!((welcome.status, welcome.json()), (200, says));
        let nobody = ask(&format!("nobody.{DOMAIN}")).await;
        assert_eq!(nobody.status, 404);
        let guest = crate::harness::Guest::new(trips, "unseen").await;
        let registry = trips.world.registry();
        registry.suspend(guest.tenant.id).await.unwrap();
        let suspended = names::host(&guest.tenant.slug, DOMAIN);
        assert_eq!(ask(&suspended).await.seen(), nobody.seen());
        assert_eq!(ask(DOMAIN).await.seen(), nobody.seen());
        registry.resume(guest.tenant.id).await.unwrap();
        let call = instance.call(trips, Method::GET, "/welcome").host(DOMAIN);
        let call = call.header("x-forwarded-host", &suspended);
        crate::harness::until(&call, 200, std::time::Duration::from_secs(5)).await;
    });
}
