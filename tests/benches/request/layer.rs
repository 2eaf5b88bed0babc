//! The tower layer, and what each of its parts costs.
//!
//! `bare_route` is a router with one route and no layer; `warm_layer` is the same route under the layer as a service has it: token,
//! tenant and membership cached, limits checked, a JSON log (into nothing), a metrics recorder, the request's span. The other rows
//! leave one part out: what `warm_layer` costs more than one of them is what the part costs. `--only layer` runs all of them.
//!
//! On two cores of a virtual machine, with instructions for SHA-256, in one run with the bare route at 0.92 µs:
//!
//! | part | adds | why it stays |
//! |---|---|---|
//! | `warm_layer` | 3.98 µs, 16 allocations | |
//! | limits | 1.00 µs | three rates under three locks, a place that is given back, two headers |
//! | JSON log | 0.79 µs | a line for each request, and the span's fields in it |
//! | metrics | 0.12 µs | handles that are kept; finding them is in the layer alone |
//! | layer alone | 2.18 µs | of it SHA-256 of the whole token, about 0.8 µs: no token is kept, and none answers for another |
//!
//! By a profile, over all parts, looks at the clock take about 0.4 µs: each cache and each limit judges by its own.

use std::{
    io,
    num::NonZeroU32,
    sync::{Arc, LazyLock},
    thread,
    time::Duration,
};

use axum::{Router, body::Body, routing::get};
use http::Request;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use tenancy_auth::{IdTokenVerifier, KeySource};
use tenancy_core::{
    Allowance, CachedMemberships, Deployment, HostPolicy, Limits, PlanChanges, Resolver, Role, StaticMember,
    StaticMemberships, TenantRecord, Tier, Unlimited, UserId,
    directory::{CachedDirectory, ChangeFollower, Nudge, StaticDirectory},
    http::TenantLayer,
};
use tenancy_limits::{AddressLimit, LimitsConfig, TenantLimits};
use tenancy_testkit::{KeyServer, TokenMint, bench::Micro, tenant};
use tokio::runtime::{Builder, Runtime};
use tower::{Service, ServiceExt};
use tracing::Dispatch;
use tracing_subscriber::{Registry, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::directory::Quiet;

const BARE: &str = "bare_route";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().unwrap());
/// Where keys are served and the caches are kept confirmed, as beside a service's requests.
static BESIDE: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});
static RECORDER: LazyLock<PrometheusRecorder> = LazyLock::new(recorder);

pub(crate) fn cases() -> Vec<Micro> {
    let filter = Targets::new().with_default(tracing::Level::INFO);
    Registry::default()
        .with(filter)
        .with(tenancy::telemetry::json(io::sink))
        .init();
    let world = World::new();
    let whole = || world.router(Some(limits()));
    vec![
        world.case(BARE, Part::All, world.bare()),
        world.case("warm_layer", Part::All, whole()).added(),
        world
            .case("layer_without_limits", Part::All, world.router(None))
            .added(),
        world
            .case(
                "layer_unlimited",
                Part::All,
                world.router(Some(Arc::new(Unlimited))),
            )
            .added(),
        world.case("layer_without_log", Part::NoLog, whole()).added(),
        world
            .case("layer_without_metrics", Part::NoMetrics, whole())
            .added(),
        world
            .case("layer_alone", Part::Neither, world.router(None))
            .added(),
    ]
}

/// What is installed while a case runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    NoLog,
    NoMetrics,
    Neither,
}

impl Part {
    fn run(self, batch: impl FnOnce()) {
        let metrics = |batch: &mut dyn FnMut()| match self {
            Self::All | Self::NoLog => metrics::with_local_recorder(&*RECORDER, batch),
            Self::NoMetrics | Self::Neither => batch(),
        };
        let mut batch = Some(batch);
        let mut once = || {
            if let Some(batch) = batch.take() {
                batch();
            }
        };
        match self {
            Self::All | Self::NoMetrics => metrics(&mut once),
            Self::NoLog | Self::Neither => {
                tracing::dispatcher::with_default(&Dispatch::none(), || metrics(&mut once))
            }
        }
    }
}

/// A tenant, a member and a token that was verified before.
struct World {
    resolver: Arc<Resolver>,
    authenticate: Arc<IdTokenVerifier>,
    token: String,
}

impl World {
    fn new() -> Self {
        let record = busy_tenant();
        let (mint, subject) = (TokenMint::new("demo-trips"), "alice".parse().unwrap());
        let token = mint.token(&record.identity_tenant, &subject);
        let server = BESIDE.block_on(KeyServer::start(&mint)).unwrap();
        let keys = KeySource::at(server.url().parse().unwrap());
        let authenticate = IdTokenVerifier::new(mint.project().parse().unwrap(), keys).remembering(10_000);
        BESIDE.block_on(authenticate.verify(&token)).unwrap();
        let memberships = StaticMemberships::new([StaticMember {
            tenant: record.id,
            pool: record.identity_tenant.clone(),
            subject,
            user: UserId::new(),
            role: Role::Member.into(),
        }]);
        let records = StaticDirectory::new([record]).unwrap();
        let directory = Arc::new(CachedDirectory::new(Arc::new(records)));
        let memberships = CachedMemberships::new(Arc::new(memberships), &directory);
        let _inside = BESIDE.enter();
        let follower = ChangeFollower::spawn(Arc::new(Quiet), Nudge::default(), directory.freshness());
        // for as long as the process lives: the cases outlive this world
        std::mem::forget(follower);
        let resolver = Resolver::new(
            directory,
            Arc::new(memberships),
            Deployment::Shared,
            HostPolicy::new("app.example.com", []),
        );
        Self {
            resolver: Arc::new(resolver),
            authenticate: Arc::new(authenticate),
            token,
        }
    }

    fn bare(&self) -> Router {
        Router::new().route("/itineraries", get(|| async { "ok" }))
    }

    fn router(&self, limits: Option<Arc<dyn Limits>>) -> Router {
        let layer = TenantLayer::new(
            Arc::clone(&self.authenticate) as Arc<_>,
            Arc::clone(&self.resolver),
            Duration::from_secs(30),
        );
        self.bare().layer(match limits {
            Some(limits) => layer.with_limits(limits),
            None => layer,
        })
    }

    fn case(&self, name: &'static str, part: Part, mut router: Router) -> Micro {
        let (template, ()) = Request::get("/itineraries")
            .header("host", "acme.app.example.com")
            .header("authorization", format!("Bearer {}", self.token))
            .header("user-agent", "bench")
            .header("accept", "application/json")
            .extension(tenancy_core::http::ClientAddress([127, 0, 0, 1].into()))
            .body(())
            .unwrap()
            .into_parts();
        Micro::new(name, BARE, move |times| {
            part.run(|| {
                RUNTIME.block_on(async {
                    for _ in 0..times {
                        let request = Request::from_parts(template.clone(), Body::empty());
                        let ready: &mut Router =
                            ServiceExt::<Request<Body>>::ready(&mut router).await.unwrap();
                        let response = ready.call(request).await.unwrap();
                        assert_eq!(response.status(), 200);
                    }
                });
            });
        })
    }
}

/// A tenant that is counted and never refused.
fn busy_tenant() -> TenantRecord {
    let much = Some(Allowance::Limited(1_000_000_000_000));
    let changes = PlanChanges {
        requests_per_minute: much,
        user_requests_per_minute: much,
        ..PlanChanges::default()
    };
    TenantRecord {
        plan: Some(changes.into()),
        ..tenant("acme", Tier::Standard)
    }
}

/// The limits of a service that has no others to share them with.
fn limits() -> Arc<dyn Limits> {
    let _inside = BESIDE.enter();
    let most = NonZeroU32::MAX;
    Arc::new(TenantLimits::local(LimitsConfig {
        address: Some(AddressLimit {
            requests: most,
            burst: most,
        }),
        ..LimitsConfig::default()
    }))
}

/// A recorder as a service has it, tidied up now and then.
fn recorder() -> PrometheusRecorder {
    let recorder = PrometheusBuilder::new()
        .set_buckets(&[0.001, 0.01, 0.1, 1.0])
        .unwrap()
        .build_recorder();
    let handle = recorder.handle();
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(5));
            handle.run_upkeep();
        }
    });
    recorder
}
