//! Names that go into DDL, where no argument can.

use std::{fmt, str::FromStr};

/// Why a text is no name of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a role has 1 to 63 characters of a-z, 0-9 and _, a letter or _ first, and does not start with `pg_`"
)]
pub struct ParseRoleNameError;

/// A PostgreSQL role: 1 to 63 characters of `[a-z0-9_]`, a letter or `_` first, not one of the server's own
/// (`pg_…`) and no keyword that stands for a role.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoleName(Box<str>);

impl RoleName {
    /// The name's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the server takes for somebody else where a role's name belongs.
const KEYWORDS: [&str; 6] = [
    "public",
    "none",
    "user",
    "current_user",
    "session_user",
    "current_role",
];

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
        if first && rest && text.len() <= 63 && !text.starts_with("pg_") && !KEYWORDS.contains(&text) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_roles() {
        for legal in ["app", "_x", "a1_b"] {
            assert!(legal.parse::<RoleName>().is_ok(), "{legal}");
        }
        for illegal in [
            "",
            "1a",
            "App",
            "a-b",
            "a b",
            "a\"b",
            "pg_monitor",
            "public",
            "current_user",
            "session_user",
        ] {
            assert!(illegal.parse::<RoleName>().is_err(), "{illegal}");
        }
    }
}
