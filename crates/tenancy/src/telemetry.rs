//! Logs: one JSON object a line, each with the request's tenant.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

pub use tenancy_core::telemetry::{REQUEST_ID, TENANT_ID, TENANT_TIER};

/// Sends logs to standard error: JSON, or plain text on a terminal. `TENANCY_LOG` filters (`info` by default, syntax of
/// `tracing_subscriber::EnvFilter`). A second call changes nothing.
pub fn init() {
    let wanted = std::env::var("TENANCY_LOG").ok();
    let parsed = wanted.map(EnvFilter::try_new).transpose();
    let refused = parsed.as_ref().err().map(ToString::to_string);
    let filter = parsed.ok().flatten().unwrap_or_else(|| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let output = fmt::layer().with_writer(std::io::stderr);
    let _ = if std::io::stderr().is_terminal() {
        registry.with(output).try_init()
    } else {
        // the list of spans holds the request's, whatever spans a handler opens within it
        let output = output.json().flatten_event(true).with_current_span(false);
        registry.with(output).try_init()
    };
    if let Some(error) = refused {
        tracing::warn!(
            error,
            "`TENANCY_LOG` is no filter, such as `info,notes=debug`; `info` it is"
        );
    }
}
