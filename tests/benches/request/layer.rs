//! The tower layer, and what each of its parts costs.
//!
//! `bare_route` is a router with one route and no layer; `warm_layer` is the same route under the layer as a service has it: token,
//! tenant and membership cached, limits checked, a JSON log (into nothing), a metrics recorder, the request's span. The other rows
//! leave one part out: what `warm_layer` costs more than one of them is what the part costs.

use std::{
    io,
    sync::{Arc, LazyLock},
    thread,
    time::Duration,
};

use axum::{Router, body::Body, routing::get};
use http::Request;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use tenancy_core::CachedMemberships;
use tenancy_core::{
    Deployment, HostPolicy, Invalidator, Limits, Resolver, Role, StaticMember, StaticMemberships, Tier,
    Unlimited, UserId,
    directory::{CachedDirectory, StaticDirectory},
    http::TenantLayer,
};
use tenancy_testkit::{TokenMint, bench::Micro, tenant};
use tokio::runtime::{Builder, Runtime};
use tower::{Service, ServiceExt};
use tracing::Dispatch;
use tracing_subscriber::{Registry, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::layer_parts::{Counting, Remembered};

const BARE: &str = "bare_route";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().unwrap());
static RECORDER: LazyLock<PrometheusRecorder> = LazyLock::new(recorder);

pub(crate) fn cases() -> Vec<Micro> {
    let filter = Targets::new().with_default(tracing::Level::INFO);
    Registry::default()
        .with(filter)
        .with(tenancy::telemetry::json(io::sink))
        .init();
    let world = World::new();
    let limits = || Arc::new(Counting::default()) as Arc<dyn Limits>;
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
    authenticate: Arc<Remembered>,
    token: String,
}

impl World {
    fn new() -> Self {
        let record = tenant("acme", Tier::Standard);
        let (mint, subject) = (TokenMint::new("demo-trips"), "alice".parse().unwrap());
        let token = mint.token(&record.identity_tenant, &subject);
        let authenticate = RUNTIME.block_on(Remembered::new(&mint, &token));
        let memberships = StaticMemberships::new([StaticMember {
            tenant: record.id,
            pool: record.identity_tenant.clone(),
            subject,
            user: UserId::new(),
            role: Role::Member,
        }]);
        let invalidator = Invalidator::default();
        let resolver = Resolver::new(
            Arc::new(CachedDirectory::new(
                Arc::new(StaticDirectory::new([record]).unwrap()),
                &invalidator,
            )),
            Arc::new(CachedMemberships::new(Arc::new(memberships), &invalidator)),
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
