//! The name of a field.

use std::{fmt, str::FromStr};

/// Firestore allows 1500 bytes.
const MAX: usize = 1500;

/// Names a field of a document, and of a map in it: `days`, `place.name`.
///
/// Segments of `[A-Za-z_][A-Za-z0-9_]*`, as Rust's own names are, that dots separate; none begins with `__`, which leaves out
/// the database's own (`__name__`). Fields are named in the code; a name that a user chose belongs in a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldPath(Box<str>);

/// Why a text names no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a field is named by segments of a-z, A-Z, 0-9 and `_`, no digit and no `__` first, with dots between, 1500 bytes in all"
)]
pub struct ParseFieldError;

impl FieldPath {
    /// The path's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn segment(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(first)
        && !text.starts_with("__")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

impl FromStr for FieldPath {
    type Err = ParseFieldError;

    fn from_str(text: &str) -> Result<Self, ParseFieldError> {
        match text.len() <= MAX && text.split('.').all(segment) {
            true => Ok(Self(text.into())),
            false => Err(ParseFieldError),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let check = |text: &str, legal| assert_eq!(text.parse::<FieldPath>().is_ok(), legal, "{text:?}");
        for text in ["days", "place.name", "_a", "a1.B_2"] {
            check(text, true);
        }
        for text in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "1a",
            "a b",
            "`a`",
            "__name__",
            "a.__b",
            "a-b",
            "a/b",
            "caf\u{e9}",
            "*",
        ] {
            check(text, false);
        }
        check(&"a".repeat(1501), false);
    }
}
