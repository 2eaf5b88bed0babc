//! The name of a tenant for people and resources.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::reserved;

/// Names a tenant in hosts, namespaces and instances.
///
/// - 3 to 20 characters of `[a-z0-9-]`, a letter first, a letter or digit last;
/// - no hyphens in both the third and the fourth place (reserved for IDNA, RFC 5891 section 4.2.3.1);
/// - none of the platform's own names (`app`, `www`, `api`, …).
///
/// A slug is immutable and never reused. 20 characters keep every name made from it legal for its kind: see
/// [`names`](crate::names).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantSlug(Box<str>);

/// Why a text is no slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseSlugError {
    /// Too short or too long.
    #[error("a slug has 3 to 20 characters")]
    Length,
    /// A character outside of the alphabet, or a bad first or last one.
    #[error("a slug is made of a-z, 0-9 and hyphens, starts with a letter and ends with a letter or digit")]
    Alphabet,
    /// `??--…`
    #[error("a slug has no hyphens in both the third and the fourth place")]
    Idna,
    /// A name of the platform's.
    #[error("the slug is reserved for the platform")]
    Reserved,
}

impl TenantSlug {
    /// The slug's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantSlug {
    type Err = ParseSlugError;

    fn from_str(text: &str) -> Result<Self, ParseSlugError> {
        if !(3..=20).contains(&text.len()) {
            return Err(ParseSlugError::Length);
        }
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let starts = bytes.first().is_some_and(u8::is_ascii_lowercase);
        let ends = bytes.last().copied().is_some_and(inner);
        if !starts || !ends || !bytes.iter().all(|&b| inner(b) || b == b'-') {
            return Err(ParseSlugError::Alphabet);
        }
        if bytes.get(2..4) == Some(b"--") {
            return Err(ParseSlugError::Idna);
        }
        if reserved::is_reserved(text) {
            return Err(ParseSlugError::Reserved);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for TenantSlug {
    type Error = ParseSlugError;

    fn try_from(text: String) -> Result<Self, ParseSlugError> {
        text.parse()
    }
}

impl From<TenantSlug> for String {
    fn from(slug: TenantSlug) -> Self {
        slug.0.into()
    }
}

impl fmt::Display for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<ParseSlugError>) {
        assert_eq!(text.parse::<TenantSlug>().err(), expect, "{text:?}");
    }

    #[test]
    fn slugs() {
        use ParseSlugError::*;
        for legal in ["abc", "acme-corp", "a1b2c3d4e5f6g7h8i9j0", "x-y--z"] {
            check(legal, None);
        }
        for (text, error) in [
            ("", Length),
            ("ab", Length),
            ("a1b2c3d4e5f6g7h8i9j0k", Length),
            ("1abc", Alphabet),
            ("-abc", Alphabet),
            ("abc-", Alphabet),
            ("Acme", Alphabet),
            ("ac_me", Alphabet),
            ("ac.me", Alphabet),
            ("äcme", Alphabet),
            ("ac me", Alphabet),
            ("xn--acme", Idna),
            ("ab--cd", Idna),
            ("app", Reserved),
            ("www", Reserved),
        ] {
            check(text, Some(error));
        }
    }
}
