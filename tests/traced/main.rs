//! The `itineraries` service with metrics, and with traces to the endpoint in `TRACES`: what `tests/it/telemetry` looks at. The
//! first argument names its configuration file.

use std::error::Error;

use tenancy::{
    Tenancy,
    telemetry::{TelemetryOptions, TraceOptions, metrics_handler, start},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let traces = std::env::var("TRACES").map(|endpoint| TraceOptions::new(endpoint, "itineraries"));
    let _telemetry = start(TelemetryOptions {
        traces: traces.ok(),
        ..TelemetryOptions::default()
    })?;
    let config = std::env::args_os()
        .nth(1)
        .ok_or("the first argument is a configuration file")?;
    let tenancy = Tenancy::from_config(config).await?;
    let router = itineraries::router(&tenancy)?.route("/metrics", metrics_handler());
    Ok(tenancy.serve(router).await?)
}
