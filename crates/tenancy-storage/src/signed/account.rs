//! Who signs.

use std::{fmt, str::FromStr};

/// A service account's address: `{name}@{project}.iam.gserviceaccount.com`, or another of `[a-z0-9.-]@[a-z0-9.-]`, 254
/// characters at most. It stands in each URL that it signs; it is no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceAccount(Box<str>);

/// The text names no service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a service account is `name@domain` of a-z, 0-9, `.` and `-`, 254 characters at most")]
pub struct ParseAccountError;

impl ServiceAccount {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServiceAccount {
    type Err = ParseAccountError;

    fn from_str(text: &str) -> Result<Self, ParseAccountError> {
        let part = |text: &str| {
            let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
            let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            text.bytes().all(inner) && text.starts_with(ends) && text.ends_with(ends) && !text.contains("..")
        };
        match text.split_once('@') {
            Some((name, domain)) if text.len() <= 254 && part(name) && part(domain) => Ok(Self(text.into())),
            _ => Err(ParseAccountError),
        }
    }
}

impl fmt::Display for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts() {
        for legal in [
            "signer@demo.iam.gserviceaccount.com",
            "1-compute@developer.gserviceaccount.com",
        ] {
            assert_eq!(legal.parse::<ServiceAccount>().unwrap().as_str(), legal);
        }
        for text in [
            "", "@", "a@", "@b", "a@b@c", "A@b", "a/../b@c", "a@b/c", "a@b?x", "a@..", "a b@c",
        ] {
            assert!(text.parse::<ServiceAccount>().is_err(), "{text}");
        }
    }
}
