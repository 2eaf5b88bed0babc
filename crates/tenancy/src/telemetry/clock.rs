//! The time of a line.

use std::{
    cell::RefCell,
    fmt::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;

thread_local! {
    /// The last second that was written, and its text: it is the same for thousands of lines.
    static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// Appends the time as RFC 3339 in UTC, with microseconds.
pub(super) fn now(out: &mut String) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let second = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    at(out, second, since.subsec_micros());
}

fn at(out: &mut String, second: i64, micros: u32) {
    SECOND.with_borrow_mut(|(known, text)| {
        if *known != second {
            text.clear();
            // writing to a string does not fail
            let _ = write!(
                text,
                "{}",
                Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
            );
            text.truncate("2026-11-24T08:53:52".len());
            *known = second;
        }
        out.push_str(text);
    });
    // a digit before them keeps the zeros that the six begin with
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(micros.saturating_add(1_000_000));
    out.push('.');
    out.push_str(digits.get(1..).unwrap_or_default());
    out.push('Z');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_rfc_3339() {
        for (second, micros, expect) in [
            (0, 0, "1970-01-01T00:00:00.000000Z"),
            (1_795_510_432, 7, "2026-11-24T08:53:52.000007Z"),
            (1_795_510_432, 999_999, "2026-11-24T08:53:52.999999Z"),
            (1_709_164_800, 1, "2024-02-29T00:00:00.000001Z"),
        ] {
            let mut out = String::new();
            at(&mut out, second, micros);
            assert_eq!(out, expect);
        }
    }
}
