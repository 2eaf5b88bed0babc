//! Names of tables and columns.

use std::{fmt, str::FromStr};

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an identifier has 1 to 63 characters of a-z, 0-9 and _, and no digit first")]
pub struct ParseIdentifierError;

/// The name of a schema, table or column: 1 to 63 characters of `[a-z0-9_]`, no digit first. Written without quotes: a keyword of
/// the server's own is refused by the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identifier(Box<str>);

impl Identifier {
    /// The name's text, without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Identifier {
    type Err = ParseIdentifierError;

    fn from_str(text: &str) -> Result<Self, ParseIdentifierError> {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let first = text
            .bytes()
            .next()
            .is_some_and(|b| inner(b) && !b.is_ascii_digit());
        if first && text.len() <= 63 && text.bytes().all(inner) {
            Ok(Self(text.into()))
        } else {
            Err(ParseIdentifierError)
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
