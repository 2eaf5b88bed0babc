//! A server that is down: 503 with `Retry-After` in bounded time, and recovery by itself.

use std::time::{Duration, Instant};

use demo::world::{Service, Target};
use reqwest::Method;
use tenancy_core::Role;
use tenancy_testkit::CountingProxy;

use crate::harness::{Call, Instance, Settings, Trips, on_trips, until};

/// A handler's deadline here, in seconds.
const DEADLINE: u32 = 3;
/// The deadline, and what a busy machine adds.
const BOUND: Duration = Duration::from_secs(5);

/// What is between the service and a server.
#[derive(Clone, Copy)]
enum Behind {
    Tenants,
    Registry,
}

/// The shared deployment's service, with a proxy in front of one of its servers, and a good request to it.
async fn behind(trips: &'static Trips, what: Behind) -> (Instance, CountingProxy, Call) {
    let proxy = CountingProxy::start(trips.world.postgres().port()).await.unwrap();
    let key: &[&str] = match what {
        Behind::Tenants => &["sql", "locations", "cell-free-1.core"],
        Behind::Registry => &["registry", "url"],
    };
    let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
    let url = proxy.url(&settings.reveal(key));
    let settings = settings
        .secret(key, &url)
        .set(&["deployment", "request_timeout_seconds"], DEADLINE);
    let instance = Instance::start(settings, itineraries::router).await;
    let ada = trips.tenant("ada");
    let call = instance
        .call(trips, Method::GET, "/itineraries")
        .host(&ada.host());
    let call = call.token(&trips.token(ada, Role::Owner));
    assert_eq!(call.send().await.status, 200);
    (instance, proxy, call)
}

async fn is_unavailable(call: &Call) {
    let since = Instant::now();
    let answer = call.send().await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (503, "unavailable"),
        "{}",
        answer.text()
    );
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(since.elapsed() < BOUND, "{:?}", since.elapsed());
}

async fn check(trips: &'static Trips, what: Behind, down: fn(&CountingProxy)) {
    let (_instance, proxy, call) = behind(trips, what).await;
    down(&proxy);
    // an answer of the registry serves for a second
    until(&call, 503, BOUND).await;
    for _ in 0..3 {
        is_unavailable(&call).await;
    }
    proxy.restore();
    until(&call, 200, BOUND).await;
    for _ in 0..20 {
        assert_eq!(call.send().await.status, 200, "it is back, and then not");
    }
}

#[test]
fn a_tenants_database_that_is_down_is_a_503_and_comes_back() {
    on_trips(async |trips| check(trips, Behind::Tenants, CountingProxy::cut).await);
}

#[test]
fn a_tenants_database_that_hangs_is_a_503_and_comes_back() {
    on_trips(async |trips| check(trips, Behind::Tenants, CountingProxy::silence).await);
}

#[test]
fn a_registry_that_is_down_is_a_503_and_comes_back() {
    on_trips(async |trips| check(trips, Behind::Registry, CountingProxy::cut).await);
}

#[test]
fn a_registry_that_hangs_is_a_503_and_comes_back() {
    on_trips(async |trips| check(trips, Behind::Registry, CountingProxy::silence).await);
}

#[test]
fn a_deployment_whose_database_is_down_does_not_start() {
    on_trips(async |trips| {
        let proxy = CountingProxy::start(trips.world.postgres().port()).await.unwrap();
        let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
        let key = ["sql", "locations", "cell-free-1.core"];
        let url = proxy.url(&settings.reveal(&key));
        proxy.cut();
        let refusal = settings.secret(&key, &url).refusal().await;
        assert!(refusal.contains("cell-free-1.core"), "{refusal}");
    });
}
