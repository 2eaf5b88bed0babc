//! A server that is down: 503 with `Retry-After` in bounded time, and recovery by itself.

use std::time::{Duration, Instant};

use demo::world::{Service, Target};
use reqwest::Method;
use tenancy_core::Role;
use tenancy_testkit::CountingProxy;

use crate::harness::{Call, Guest, Instance, Settings, Trips, on_trips, until};

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

async fn check(trips: &'static Trips, down: fn(&CountingProxy)) {
    let (_instance, proxy, call) = behind(trips, Behind::Tenants).await;
    down(&proxy);
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
    on_trips(async |trips| check(trips, CountingProxy::cut).await);
}

#[test]
fn a_tenants_database_that_hangs_is_a_503_and_comes_back() {
    on_trips(async |trips| check(trips, CountingProxy::silence).await);
}

/// Who is known goes on as if nothing were; who is not is 503; and it comes back.
async fn goes_on(trips: &'static Trips, down: fn(&CountingProxy), stranger: &str) {
    let (instance, proxy, call) = behind(trips, Behind::Registry).await;
    let stranger = Guest::new(trips, stranger).await;
    let strange = instance
        .call(trips, Method::GET, "/itineraries")
        .token(&stranger.token);
    down(&proxy);
    let since = Instant::now();
    while since.elapsed() < 2 * BOUND {
        let asked = Instant::now();
        assert_eq!(call.send().await.status, 200, "after {:?}", since.elapsed());
        assert!(asked.elapsed() < BOUND, "{:?}", asked.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for _ in 0..3 {
        is_unavailable(&strange).await;
        assert_eq!(call.send().await.status, 200);
    }
    proxy.restore();
    until(&strange, 200, BOUND).await;
    for _ in 0..20 {
        assert_eq!(strange.send().await.status, 200, "it is back, and then not");
        assert_eq!(call.send().await.status, 200);
    }
    let registry = trips.world.registry();
    registry.suspend(stranger.tenant.id).await.unwrap();
    until(&strange, 403, Duration::from_secs(2)).await;
}

#[test]
fn a_registry_that_is_down_stops_nobody_who_is_known_and_comes_back() {
    on_trips(async |trips| goes_on(trips, CountingProxy::cut, "not-asked-1").await);
}

#[test]
fn a_registry_that_hangs_stops_nobody_who_is_known_and_comes_back() {
    on_trips(async |trips| goes_on(trips, CountingProxy::silence, "not-asked-2").await);
}

/// A service that starts while the registry is down goes on from the file that the one before it left.
#[test]
fn a_service_that_starts_while_the_registry_is_down_knows_who_was_known() {
    on_trips(async |trips| {
        let proxy = CountingProxy::start(trips.world.postgres().port()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("last-known");
        let settings = |target| {
            let settings = Settings::of(trips, target, Service::Itineraries);
            let url = proxy.url(&settings.reveal(&["registry", "url"]));
            let path = file.to_str().unwrap().to_owned();
            settings
                .secret(&["registry", "url"], &url)
                .set(&["registry", "last_known", "file"], path)
                .secret(&["registry", "last_known", "key"], &"k".repeat(32).into())
        };
        let (ada, guest) = (trips.tenant("ada"), Guest::new(trips, "seen-nowhere").await);
        let call = |instance: &Instance| {
            let call = instance
                .call(trips, Method::GET, "/itineraries")
                .host(&ada.host());
            call.token(&trips.token(ada, Role::Owner))
        };
        let first = Instance::start(settings(Target::Shared), itineraries::router).await;
        until(&call(&first), 200, BOUND).await;
        let since = Instant::now();
        while !file.exists() {
            assert!(since.elapsed() < 3 * BOUND, "nothing was written");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        drop(first);
        proxy.cut();
        let second = Instance::start(settings(Target::Shared), itineraries::router).await;
        assert_eq!(call(&second).send().await.status, 200);
        let strange = second
            .call(trips, Method::GET, "/itineraries")
            .token(&guest.token);
        is_unavailable(&strange).await;
        let altered = std::fs::read_to_string(&file)
            .unwrap()
            .replace("\"free\"", "\"enterprise\"");
        std::fs::write(&file, altered).unwrap();
        let refusal = settings(Target::Shared).refusal().await;
        assert!(refusal.contains("registry"), "{refusal}");
        proxy.restore();
        until(&strange, 200, BOUND).await;
        assert_eq!(call(&second).send().await.status, 200);
    });
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
