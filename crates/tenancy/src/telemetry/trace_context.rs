//! The header `traceparent` (W3C Trace Context, level 1).

use axum::http::HeaderMap;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

pub(super) const HEADER: &str = "traceparent";

/// The caller's span, when there is exactly one well-formed header. It is a name for what belongs together, and proves nothing:
/// what the caller says of sampling, and its `tracestate`, are left out.
pub(super) fn parent(headers: &HeaderMap) -> Option<SpanContext> {
    let mut values = headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    parse(value.to_str().ok()?)
}

/// `version-trace-parent-flags`, in lower-case hexadecimal. A version later than 00 may go on after the flags.
fn parse(text: &str) -> Option<SpanContext> {
    let mut parts = text.splitn(5, '-');
    let (version, trace) = (hex(parts.next()?, 2)?, hex(parts.next()?, 32)?);
    let (span, _flags) = (hex(parts.next()?, 16)?, hex(parts.next()?, 2)?);
    let rest = parts.next();
    if version == 0xff || (version == 0 && rest.is_some()) {
        return None;
    }
    let (trace, span) = (TraceId::from(trace), SpanId::from(u64::try_from(span).ok()?));
    let context = SpanContext::new(trace, span, TraceFlags::NOT_SAMPLED, true, TraceState::NONE);
    context.is_valid().then_some(context)
}

fn hex(text: &str, digits: usize) -> Option<u128> {
    let lower = text
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (lower && text.len() == digits).then(|| u128::from_str_radix(text, 16).ok())?
}

/// The header's value for a span.
pub(super) fn format(context: &SpanContext) -> String {
    let flags = u8::from(context.is_sampled());
    format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn check(values: &[&str], accepted: bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, value.parse().unwrap());
        }
        let parent = parent(&headers);
        assert_eq!(parent.is_some(), accepted, "{values:?}");
        if let Some(parent) = parent {
            assert_eq!(
                (parent.trace_id().to_string().as_str(), parent.is_sampled()),
                (TRACE, false)
            );
            assert_eq!(format(&parent), format!("00-{TRACE}-{SPAN}-00"));
        }
    }

    #[test]
    fn a_malformed_parent_is_no_parent() {
        let good = format!("00-{TRACE}-{SPAN}-01");
        check(&[&good], true);
        check(&[&format!("00-{TRACE}-{SPAN}-00")], true);
        check(&[&format!("cc-{TRACE}-{SPAN}-01-what-comes-later")], true);
        check(&[], false);
        check(&[&good, &good], false);
        for bad in [
            String::new(),
            format!("{good}-"),
            format!("{good}-x"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-zz"),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            format!(" {good}"),
            format!("0-{TRACE}-{SPAN}-01"),
        ] {
            check(&[&bad], false);
        }
    }
}
