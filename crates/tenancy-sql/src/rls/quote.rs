//! Names and texts of the catalog as SQL. Names may hold anything but NUL.

use std::fmt::Write;

/// The longest name that the server keeps, in bytes.
const LONGEST: usize = 63;

/// A name, quoted.
pub(super) fn ident(raw: &str) -> String {
    format!("\"{}\"", raw.replace('"', "\"\""))
}

/// A text as a literal. The session has `standard_conforming_strings` on.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A function's body, in dollars that it does not hold.
pub(super) fn body(text: &str) -> String {
    let mut tag = "$body$".to_owned();
    while text.contains(&tag) {
        tag.insert(1, '_');
    }
    format!("{tag}\n{text}\n{tag}")
}

/// A text as it may stand in a comment and on a terminal: on one line, without control characters.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            // the formatter of a String does not fail
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The name of what takes the place of `raw`: the same name for the same one, in at most 63 bytes.
pub(super) fn twin(raw: &str, suffix: &str) -> String {
    if raw.len() + suffix.len() <= LONGEST {
        return format!("{raw}{suffix}");
    }
    // FNV-1a, so that two long names stay apart
    let hash = raw.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let mut end = LONGEST - suffix.len() - 9;
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{hash:08x}{suffix}", raw.get(..end).unwrap_or_default())
}

/// Columns in parentheses, the tenant first; the names are quoted already.
pub(super) fn within_tenant(columns: &[String]) -> String {
    format!("({}, {})", super::COLUMN, columns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_a_name() {
        assert_eq!(ident("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(
            body("x $body$ $_body$ y"),
            "$__body$\nx $body$ $_body$ y\n$__body$"
        );
        assert_eq!(plain("a\nDROP TABLE x\u{1b}[2J"), "a\\nDROP TABLE x\\u{1b}[2J");
    }

    #[test]
    fn a_twin_is_short_enough_and_its_own() {
        assert_eq!(twin("orders_pkey", "_tenant"), "orders_pkey_tenant");
        let (a, b) = ("ä".repeat(31), "ä".repeat(30) + "o_");
        for name in [&a, &b] {
            let twin = twin(name, "_tenant");
            assert!(twin.len() <= LONGEST && twin.ends_with("_tenant"), "{twin}");
        }
        assert_ne!(twin(&a, "_tenant"), twin(&b, "_tenant"));
    }
}
