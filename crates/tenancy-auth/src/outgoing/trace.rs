//! The trace that a call belongs to.

use std::{fmt, sync::Arc};

use tenancy_core::TenantContext;
use uuid::Uuid;

/// Where the `traceparent` (W3C Trace Context) of a call comes from: the tracer of the process, when there is one.
#[derive(Clone, Default)]
pub struct TraceParent {
    current: Option<Arc<dyn Fn() -> Option<String> + Send + Sync>>,
}

impl TraceParent {
    /// Asks `current` for the header of the span that runs. What is no `traceparent` is not sent.
    #[must_use]
    pub fn new(current: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            current: Some(Arc::new(current)),
        }
    }

    /// The header: of the span that runs, or one whose trace is the request itself, not sampled.
    pub(crate) fn of(&self, context: &TenantContext) -> String {
        let current = self.current.as_ref().and_then(|current| current());
        current.filter(|text| is_trace_parent(text)).unwrap_or_else(|| {
            let (trace, span) = (context.request_id().as_uuid(), Uuid::now_v7());
            let (_, span) = span.as_u64_pair();
            format!("00-{}-{span:016x}-00", trace.simple())
        })
    }
}

/// Version 00, and neither id all zeros (W3C Trace Context section 3.2).
pub(crate) fn is_trace_parent(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut hex = |length| parts.next().filter(|part| is_hex(part, length));
    let some = |id: &str| id.bytes().any(|b| b != b'0');
    hex(2) == Some("00")
        && hex(32).is_some_and(some)
        && hex(16).is_some_and(some)
        && hex(2).is_some()
        && parts.next().is_none()
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl fmt::Debug for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.current.is_some() {
            "TraceParent(tracer)"
        } else {
            "TraceParent(request)"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let good = format!("00-{trace}-{span}-01");
        for (text, legal) in [
            (good.as_str(), true),
            ("", false),
            (&format!("01-{trace}-{span}-01"), false),
            (&format!("00-{}-{span}-01", "0".repeat(32)), false),
            (&format!("00-{trace}-{}-01", "0".repeat(16)), false),
            (&format!("00-{trace}-{span}-1"), false),
            (&format!("{good}-x"), false),
            (&good.to_uppercase(), false),
            (&format!("00-{trace}-{span}-01\r\n"), false),
        ] {
            assert_eq!(is_trace_parent(text), legal, "{text:?}");
        }
    }
}
