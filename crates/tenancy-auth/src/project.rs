//! Whose tokens are accepted.

use std::{fmt, str::FromStr};

/// The id of the Google Cloud project whose Identity Platform signs users in: 6 to 30 characters of a-z, 0-9 and hyphens,
/// beginning with a letter and ending with none of the hyphens.
#[derive(Clone, PartialEq, Eq)]
pub struct Project(Box<str>);

/// Why a text is no project id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a project id is 6 to 30 characters of a-z, 0-9 and hyphens, begins with a letter and does not end with a hyphen"
)]
pub struct ParseProjectError;

impl Project {
    /// The id: the `aud` of the project's tokens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Project {
    type Err = ParseProjectError;

    fn from_str(text: &str) -> Result<Self, ParseProjectError> {
        let length = (6..=30).contains(&text.len());
        let alphabet = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let ends = text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.ends_with('-');
        if length && alphabet && ends {
            Ok(Self(text.into()))
        } else {
            Err(ParseProjectError)
        }
    }
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, legal: bool) {
        assert_eq!(text.parse::<Project>().is_ok(), legal, "{text:?}");
    }

    #[test]
    fn a_project_id_follows_the_cloud_s_rules() {
        check("demo-trips", true);
        check("abc123", true);
        check(&"a".repeat(30), true);
        check(&"a".repeat(31), false);
        check("short", false);
        check("", false);
        check("1project", false);
        check("-project", false);
        check("project-", false);
        check("Demo-trips", false);
        check("demo trips", false);
        check("demo/trips", false);
        check("example.com:trips", false);
        check("démo-trips", false);
    }
}
