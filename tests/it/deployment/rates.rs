//! What a plan sells is what a tenant gets, and no other tenant pays for it.

use demo::world::{Service, Target};
use reqwest::Method;
use tenancy_core::Role;

use crate::harness::{Instance, Settings, on_trips};

#[test]
fn a_tenant_beyond_its_rate_is_told_when_to_come_again_and_the_other_is_not() {
    on_trips(async |trips| {
        let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
        let settings = settings.set(&["plans", "free", "requests_per_minute"], 5);
        let instance = Instance::start(settings, itineraries::router).await;
        let ask = async |slug: &str| {
            let token = trips.token(trips.tenant(slug), Role::Owner);
            let call = instance.call(trips, Method::GET, "/itineraries").token(&token);
            call.send().await
        };
        for left in (0..5).rev() {
            let answer = ask("ada").await;
            let rate = answer.header("ratelimit").unwrap_or_default().to_owned();
            assert_eq!(answer.status, 200, "{left}");
            assert!(rate.contains(&format!("r={left}")), "{rate}");
        }
        let limited = ask("ada").await;
        assert_eq!((limited.status, limited.code().as_str()), (429, "rate_limited"));
        let after: u64 = limited.header("retry-after").unwrap().parse().unwrap();
        // the window's last second is begun, not over
        assert!((1..=61).contains(&after), "{after}");
        assert!(limited.header("ratelimit-policy").unwrap().contains("q=5"));
        assert_eq!(ask("bob").await.status, 200);
    });
}

#[test]
fn an_address_beyond_its_rate_is_refused_before_its_token_is_looked_at() {
    on_trips(async |trips| {
        let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
        let settings = settings
            .set(&["limits", "address_per_minute"], 60)
            .set(&["limits", "address_at_once"], 3)
            .set(&["deployment", "trusted_proxies"], vec!["127.0.0.0/8"]);
        let instance = Instance::start(settings, itineraries::router).await;
        let ask = async |address: &str| {
            let call = instance
                .call(trips, Method::GET, "/itineraries")
                .token("nonsense");
            call.header("x-forwarded-for", address).send().await.status
        };
        for _ in 0..3 {
            assert_eq!(ask("192.0.2.1").await, 401);
        }
        assert_eq!(ask("192.0.2.1").await, 429);
        assert_eq!(
            ask("192.0.2.2").await,
            401,
            "another address behind the same proxy"
        );
        assert_eq!(
            ask("192.0.2.2, 192.0.2.1").await,
            429,
            "what a client writes left of it is nothing"
        );
    });
}
