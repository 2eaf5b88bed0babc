//! `[telemetry]`: what the process says of itself.

use std::net::SocketAddr;

use serde::Deserialize;

use crate::{
    config::ConfigError,
    telemetry::{TelemetryOptions, TraceOptions},
};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TelemetrySection {
    pub(crate) log: Option<String>,
    pub(crate) metrics: bool,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) tenant_labels: usize,
    pub(crate) traces: Option<String>,
    pub(crate) trace_ratio: f64,
}

impl Default for TelemetrySection {
    fn default() -> Self {
        Self {
            log: None,
            metrics: true,
            metrics_listen: None,
            tenant_labels: tenancy_core::telemetry::TenantLabels::MOST,
            traces: None,
            trace_ratio: 1.0,
        }
    }
}

impl TelemetrySection {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(0.0..=1.0).contains(&self.trace_ratio) {
            let problem = format!("`{}` is not in 0 to 1", self.trace_ratio);
            return Err(ConfigError::key("telemetry.trace_ratio", problem));
        }
        if self.metrics_listen.is_some() && !self.metrics {
            let problem = "remove it, or switch `telemetry.metrics` on: there is nothing to serve";
            return Err(ConfigError::key("telemetry.metrics_listen", problem));
        }
        super::super::check::within("telemetry.tenant_labels", self.tenant_labels as u64, 1000)
    }

    /// `service` is the name in traces.
    pub(crate) fn options(&self, service: &str) -> TelemetryOptions {
        let traces = self.traces.as_ref().map(|endpoint| TraceOptions {
            ratio: self.trace_ratio,
            ..TraceOptions::new(endpoint, service)
        });
        TelemetryOptions {
            log: self.log.clone(),
            metrics: self.metrics,
            traces,
        }
    }
}
