//! Texts within JSON (RFC 8259 section 7).

use std::fmt::{self, Write};

/// Appends `text` as a JSON string, with its quotes.
pub(super) fn quoted(out: &mut String, text: &str) {
    out.push('"');
    escaped(out, text);
    out.push('"');
}

/// Appends what `value` shows as a JSON string, with its quotes. What a value fails to show is left out.
pub(super) fn shown(out: &mut String, value: fmt::Arguments<'_>) {
    out.push('"');
    // writing to a string does not fail, and a value that fails to show has shown what it could
    let _ = Escaped(out).write_fmt(value);
    out.push('"');
}

struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escaped(self.0, text);
        Ok(())
    }
}

/// What needs no escape is copied in one piece.
fn escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = first_special(rest.as_bytes()) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut chars = tail.chars();
        if let Some(c) = chars.next() {
            escape(out, c);
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// Where the first byte is that can't stand for itself. Few texts have one: they are read in pieces, with a branch for each
/// piece and not for each byte.
fn first_special(text: &[u8]) -> Option<usize> {
    const PIECE: usize = 8;
    let (pieces, _) = text.as_chunks::<PIECE>();
    let is_plain = |piece: &&[u8; PIECE]| !piece.iter().fold(false, |any, byte| any | special(*byte));
    let plain = pieces.iter().take_while(is_plain).count() * PIECE;
    let at = text.get(plain..)?.iter().position(|byte| special(*byte))?;
    Some(plain + at)
}

fn special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn escape(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        _ => {
            // as above
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_escaped_as_serde_json_does(text in "(?s).*|[\\x00-\\x20\"\\\\a]*") {
            let mut out = String::new();
            quoted(&mut out, &text);
            prop_assert_eq!(&out, &serde_json::to_string(&text).unwrap());
            out.clear();
            shown(&mut out, format_args!("{text}"));
            prop_assert_eq!(&out, &serde_json::to_string(&text).unwrap());
        }
    }
}
