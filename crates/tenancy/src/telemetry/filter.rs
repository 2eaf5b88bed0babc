//! Which lines are logged.

use tracing_subscriber::{EnvFilter, Layer, Registry, filter::Targets};

/// `subscriber` with the filter that `text` asks for, else `info`, and why `text` was refused.
///
/// A filter without spans or fields is a list of targets, which costs a request nothing; one with them asks a table of spans
/// at every step of each.
pub(super) fn filter(text: Option<&str>) -> (Box<dyn Layer<Registry> + Send + Sync>, Option<String>) {
    let simple = || Targets::new().with_default(tracing::Level::INFO).boxed();
    let Some(text) = text else {
        return (simple(), None);
    };
    if let Ok(targets) = text.parse::<Targets>() {
        return (targets.boxed(), None);
    }
    match EnvFilter::try_new(text) {
        Ok(filter) => (filter.boxed(), None),
        Err(error) => (simple(), Some(error.to_string())),
    }
}
