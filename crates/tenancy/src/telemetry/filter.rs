//! Which lines are logged.

use tenancy_core::telemetry::REQUEST_TARGET;
use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{EnvFilter, Layer, Registry, filter::Targets};

/// What `text` lets through, else `info`, and why `text` was refused. The request's span is always let through: whatever is
/// logged of a request names its tenant, and traces do not hang on what is logged.
///
/// A filter without spans or fields is a list of targets, which costs a request nothing; one with them asks a table of spans
/// at every step of each.
pub(super) fn filter(text: Option<&str>) -> (Box<dyn Layer<Registry> + Send + Sync>, Option<String>) {
    let plain = |targets: Targets| targets.with_target(REQUEST_TARGET, LevelFilter::ERROR).boxed();
    let info = || plain(Targets::new().with_default(Level::INFO));
    let Some(text) = text else {
        return (info(), None);
    };
    if let Ok(targets) = text.parse::<Targets>() {
        return (plain(targets), None);
    }
    let with_spans = EnvFilter::try_new(text).map_err(|error| error.to_string());
    let request = format!("{REQUEST_TARGET}=error").parse();
    match with_spans
        .and_then(|filter| Ok(filter.add_directive(request.map_err(|_| "no directive".to_owned())?)))
    {
        Ok(filter) => (filter.boxed(), None),
        Err(refused) => (info(), Some(refused)),
    }
}
