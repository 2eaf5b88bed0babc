//! Logs, metrics and traces: what a service says of itself, and of whom.
//!
//! [`start`] begins all three, once a process; [`init`] does with what the environment says. Every line, span and metric of
//! a request names its tenant and tier, and none holds anything else of a tenant's: no title, address, path or query.
//!
//! | what | where it goes | how much |
//! |---|---|---|
//! | logs | standard error, a JSON object a line (plain text on a terminal) | `TENANCY_LOG`, `info` without it |
//! | metrics | [`metrics_handler`], in the text format of Prometheus | tenants' labels: the busiest fifty and `other` |
//! | traces | OTLP over HTTP, with W3C trace context | off unless [`TelemetryOptions::traces`] is set |
//!
//! A line of a request:
//!
//! ```json
//! {"timestamp":"2026-11-24T08:53:52.123456Z","level":"INFO","message":"answered","http.status":200,"duration_us":812,
//!  "target":"tenancy_core::http::observe","spans":[{"name":"request","request.id":"…","http.method":"GET",
//!  "http.route":"/itineraries","tenant.id":"…","tenant.tier":"free","actor.kind":"user","actor.id":"…"}]}
//! ```

mod clock;
mod escape;
mod fields;
mod filter;
mod json;
mod metrics;
mod options;
mod start;
mod trace_context;
mod traces;

pub use tenancy_core::telemetry::{
    ACTOR_ID, ACTOR_KIND, CacheMeter, REQUEST_ID, Redacted, TENANT_ID, TENANT_TIER, publish,
};

pub use self::json::{JsonLayer, json};
pub use self::metrics::{metrics_handler, metrics_text};
pub use self::options::{TelemetryOptions, TraceOptions};
pub use self::start::{Telemetry, TelemetryError, init, start, trace_layer};
pub use self::traces::{traceparent, with_parent};
