//! Begins and ends telemetry.

use std::{io::IsTerminal, time::Duration};

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use super::{TelemetryOptions, TraceOptions, filter::filter, json, metrics, traces};

/// How long dropping a [`Telemetry`] may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why telemetry does not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The traces' options can't be used.
    #[error(
        "traces can't be sent to the endpoint: {0}; it has to be an address such as `http://127.0.0.1:4318/v1/traces`"
    )]
    Traces(String),
}

/// Telemetry that runs. Dropping it sends the traces that are left, and takes up to two seconds for it; logs and metrics go on.
#[derive(Debug)]
#[must_use = "dropping it ends the traces"]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sends the traces that are left, within a time: whether they were sent. It blocks.
    pub fn shutdown(mut self, within: Duration) -> bool {
        let provider = self.provider.take();
        provider.is_none_or(|provider| provider.shutdown_with_timeout(within).is_ok())
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take() {
            // what can't be sent in time is lost, as it would be without
            let _ = provider.shutdown_with_timeout(PATIENCE);
        }
    }
}

/// Logs and metrics, no traces: [`start`] with the default options. A second call changes nothing.
pub fn init() {
    // without traces there is nothing to fail and nothing to end
    let _ = start(TelemetryOptions::default());
}

/// Begins logs, metrics and traces of this process. Call it once, before anything is logged: whoever comes second gets no logs
/// and traces of its own. Keep what it returns until the process ends.
///
/// # Errors
///
/// When traces can't be sent to their endpoint. Whether somebody listens there is not asked: what is not delivered is dropped.
pub fn start(options: TelemetryOptions) -> Result<Telemetry, TelemetryError> {
    if options.metrics {
        metrics::install();
    }
    let provider = options.traces.as_ref().map(traces::provider).transpose()?;
    let wanted = std::env::var("TENANCY_LOG").ok().or(options.log);
    let (filter, refused) = filter(wanted.as_deref());
    let traces = provider.as_ref().map(traces::layer);
    let registry = Registry::default().with(filter).with(output()).with(traces);
    // somebody else's subscriber stays
    let _ = registry.try_init();
    if let Some(error) = refused {
        tracing::warn!(
            error,
            "`TENANCY_LOG` is no filter, such as `info,notes=debug`; `info` it is"
        );
    }
    Ok(Telemetry { provider })
}

/// Traces into a subscriber of your own, beside [`json`](super::json): [`start`] does both. Keep the [`Telemetry`] until the process
/// ends.
///
/// # Errors
///
/// As [`start`].
pub fn trace_layer<S>(options: &TraceOptions) -> Result<(impl Layer<S> + use<S>, Telemetry), TelemetryError>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let provider = traces::provider(options)?;
    let layer = traces::layer(&provider);
    let provider = Some(provider);
    Ok((layer, Telemetry { provider }))
}

fn output<S>() -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    if std::io::stderr().is_terminal() {
        fmt::layer().with_writer(std::io::stderr).boxed()
    } else {
        json(std::io::stderr).boxed()
    }
}
