//! What a rate says, as headers (draft-ietf-httpapi-ratelimit-headers-10).

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Rate;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The greatest integer of a structured field (RFC 9651 section 3.3.1).
const GREATEST: u64 = 999_999_999_999_999;

/// Sets `RateLimit-Policy` (what the policy allows) and `RateLimit` (what is left, and when all is back).
pub(super) fn set(headers: &mut HeaderMap, rate: &Rate) {
    let policy = item(rate.policy, ("q", rate.limit), ("w", seconds(rate.window)));
    let left = item(rate.policy, ("r", rate.remaining), ("t", seconds(rate.reset)));
    if let (Some(policy), Some(left)) = (policy, left) {
        headers.insert(RATE_LIMIT_POLICY, policy);
        headers.insert(RATE_LIMIT, left);
    }
}

/// `"name";a=1;b=2`. Put together on the stack.
fn item(name: &str, (a, first): (&str, u64), (b, second): (&str, u64)) -> Option<HeaderValue> {
    let (mut one, mut other) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (first, second) = (
        one.format(first.min(GREATEST)),
        other.format(second.min(GREATEST)),
    );
    let mut buffer = [0_u8; 96];
    let mut written = 0;
    for part in ["\"", name, "\";", a, "=", first, ";", b, "=", second] {
        let end = part.len().checked_add(written)?;
        buffer.get_mut(written..end)?.copy_from_slice(part.as_bytes());
        written = end;
    }
    HeaderValue::from_bytes(buffer.get(..written)?).ok()
}

/// Whole seconds, rounded up: who comes when they are over does not come too early.
fn seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rate: Rate, policy: &str, left: &str) {
        let mut headers = HeaderMap::new();
        set(&mut headers, &rate);
        assert_eq!(headers["ratelimit-policy"], policy);
        assert_eq!(headers["ratelimit"], left);
    }

    #[test]
    fn rates_as_structured_fields() {
        let rate = Rate {
            policy: "tenant",
            limit: 100,
            window: Duration::from_secs(60),
            remaining: 50,
            reset: Duration::from_millis(29_001),
        };
        check(rate, "\"tenant\";q=100;w=60", "\"tenant\";r=50;t=30");
        let none = Rate {
            policy: "address",
            limit: u64::MAX,
            window: Duration::MAX,
            remaining: 0,
            reset: Duration::ZERO,
        };
        check(
            none,
            "\"address\";q=999999999999999;w=999999999999999",
            "\"address\";r=0;t=0",
        );
    }
}
