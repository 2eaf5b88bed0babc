//! Metrics in the text format of Prometheus.

use std::{sync::OnceLock, thread, time::Duration};

use axum::{
    http::header,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_util::MetricKindMask;
use tenancy_core::{
    Error,
    telemetry::{CACHE_LOOKUPS, DENIALS, LIMIT_DECISIONS, REQUEST_SECONDS, REQUESTS, TenantLabels, publish},
};

/// A series that nobody touched for so long is forgotten: a tenant that lost its label, say. As long as a window of the labels,
/// so that there are at most those of two windows.
const FORGET: Duration = TenantLabels::WINDOW;
/// How often what was measured is put into its buckets: until then every measurement takes memory.
const TIDY: Duration = Duration::from_secs(5);
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Records this process's metrics from now on. Somebody else's recorder stays. A second call changes nothing.
pub(super) fn install() {
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new().idle_timeout(MetricKindMask::ALL, Some(FORGET));
        let builder = builder
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
            .ok()?;
        let handle = builder.install_recorder().ok()?;
        describe();
        let kept = handle.clone();
        let tidy = move || {
            loop {
                thread::sleep(TIDY);
                kept.run_upkeep();
            }
        };
        thread::Builder::new()
            .name("tenancy-metrics".to_owned())
            .spawn(tidy)
            .ok()?;
        Some(handle)
    });
}

fn describe() {
    metrics::describe_counter!(
        REQUESTS,
        "requests, by route, method, status class, tier and tenant"
    );
    metrics::describe_histogram!(REQUEST_SECONDS, "time to the head of the response");
    metrics::describe_counter!(LIMIT_DECISIONS, "what limits decided, by policy and decision");
    metrics::describe_counter!(DENIALS, "refusals, by kind and code");
    metrics::describe_counter!(CACHE_LOOKUPS, "look-ups in caches, by cache and result");
}

/// All metrics, in the text format of Prometheus; `None` when this process records none of its own.
#[must_use]
pub fn metrics_text() -> Option<String> {
    let handle = RECORDER.get()?.as_ref()?;
    publish();
    Some(handle.render())
}

/// A route for `/metrics`. 500 when metrics are switched off.
///
/// Metrics name the busiest tenants by their ids: serve them where only the platform asks, at an address of its own, and
/// outside of the tenant layer.
pub fn metrics_handler<S: Clone + Send + Sync + 'static>() -> MethodRouter<S> {
    get(answer)
}

async fn answer() -> Response {
    // some milliseconds, with many series
    let text = tokio::task::spawn_blocking(metrics_text).await;
    match text.ok().flatten() {
        Some(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        None => Error::internal(
            "metrics are switched off in `TelemetryOptions`, or another recorder is installed",
        )
        .into_response(),
    }
}
