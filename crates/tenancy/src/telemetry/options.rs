//! What telemetry does.

use std::time::Duration;

/// What [`start`](super::start) begins.
#[derive(Clone, Debug, PartialEq)]
pub struct TelemetryOptions {
    /// Which lines are logged, in the syntax of `tracing_subscriber::EnvFilter`. The variable `TENANCY_LOG` wins; `info` without
    /// either.
    pub log: Option<String>,
    /// Whether this process records metrics, for [`metrics_handler`](super::metrics_handler). A process that installs a recorder
    /// of its own says no.
    pub metrics: bool,
    /// Where traces go. `None`: nowhere.
    pub traces: Option<TraceOptions>,
}

impl Default for TelemetryOptions {
    /// Logs and metrics, no traces.
    fn default() -> Self {
        Self {
            log: None,
            metrics: true,
            traces: None,
        }
    }
}

/// Where traces go, and how many.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceOptions {
    /// The address of an OTLP receiver, path included: `http://127.0.0.1:4318/v1/traces`.
    pub endpoint: String,
    /// The share of traces that is sent, 0 to 1. Decided by the trace's id alone, so that all services that a trace goes through
    /// decide alike; whether its sender says that it is sampled counts for nothing.
    pub ratio: f64,
    /// The name of this service in traces.
    pub service: String,
    /// How long a batch may take to be delivered.
    pub timeout: Duration,
}

impl TraceOptions {
    /// Every trace of `service` to `endpoint`, five seconds a batch.
    #[must_use]
    pub fn new(endpoint: impl Into<String>, service: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            ratio: 1.0,
            service: service.into(),
            timeout: Duration::from_secs(5),
        }
    }
}
