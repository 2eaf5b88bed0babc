//! Names that go into DDL, where no argument can.

use std::{fmt, str::FromStr};

/// Why a text is no name of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a role has 1 to 63 characters of a-z, 0-9 and _, a letter or _ first, and does not start with `pg_`"
)]
pub struct ParseRoleNameError;

/// A PostgreSQL role: 1 to 63 characters of `[a-z0-9_]`, a letter or `_` first, not one of the server's own (`pg_…`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoleName(Box<str>);

impl RoleName {
    /// The name's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoleName {
    type Err = ParseRoleNameError;

    fn from_str(text: &str) -> Result<Self, ParseRoleNameError> {
        let first = text
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_lowercase() || b == b'_');
        let rest = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if first && rest && text.len() <= 63 && !text.starts_with("pg_") && text != "public" && text != "none"
        {
            Ok(Self(text.into()))
        } else {
            Err(ParseRoleNameError)
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
