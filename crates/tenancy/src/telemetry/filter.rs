//! Which lines are logged.

use tenancy_core::telemetry::{AUDIT_TARGET, OPERATOR_TARGET, REQUEST_TARGET};
use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{ParseError, Targets},
};

/// What is let through whatever the filter says: the request's span, so that whatever is logged of a request names its tenant and
/// traces do not hang on what is logged; what is audited; and what operators do.
const ALWAYS: [(&str, LevelFilter); 3] = [
    (REQUEST_TARGET, LevelFilter::ERROR),
    (AUDIT_TARGET, LevelFilter::INFO),
    (OPERATOR_TARGET, LevelFilter::WARN),
];

/// What `text` lets through, else `info`, and why `text` was refused.
///
/// A filter without spans or fields is a list of targets, which costs a request nothing; one with them asks a table of spans
/// at every step of each.
pub(super) fn filter(text: Option<&str>) -> (Box<dyn Layer<Registry> + Send + Sync>, Option<String>) {
    let plain = |targets: Targets| targets.with_targets(ALWAYS).boxed();
    let info = || plain(Targets::new().with_default(Level::INFO));
    let Some(text) = text else {
        return (info(), None);
    };
    if let Ok(targets) = text.parse::<Targets>() {
        return (plain(targets), None);
    }
    let with_spans = EnvFilter::try_new(text).map_err(|error| error.to_string());
    let always = |filter: EnvFilter| {
        let mut all = ALWAYS
            .iter()
            .map(|(target, level)| format!("{target}={level}").parse());
        all.try_fold(filter, |filter, directive| Ok(filter.add_directive(directive?)))
            .map_err(|error: ParseError| error.to_string())
    };
    match with_spans.and_then(always) {
        Ok(filter) => (filter.boxed(), None),
        Err(refused) => (info(), Some(refused)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    };

    use tracing_subscriber::layer::{Context, SubscriberExt};

    use super::*;

    #[derive(Clone, Default)]
    struct Count(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    fn check(text: &str, others: usize) {
        let count = Count::default();
        let (filter, refused) = filter(Some(text));
        assert_eq!(refused, None);
        let subscriber = Registry::default().with(filter).with(count.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "tenancy::audit", "decided");
            tracing::warn!(target: "tenancy::operator", "an operator acts");
            tracing::info!("something else");
        });
        assert_eq!(count.0.load(Relaxed), 2 + others, "{text}");
    }

    #[test]
    fn what_is_audited_and_what_operators_do_is_logged_whatever_the_filter_says() {
        check("info", 1);
        for text in ["error", "off", "tenancy::audit=off,error", "[request{x=1}]=error"] {
            check(text, 0);
        }
    }
}
