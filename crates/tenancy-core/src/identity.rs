//! Who a verified token speaks for.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a text names no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}")]
pub struct ParseIdentityError {
    what: &'static str,
    rule: &'static str,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $check:expr, $what:literal, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text, exactly as the identity provider spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ParseIdentityError;

            fn from_str(text: &str) -> Result<Self, ParseIdentityError> {
                let legal: fn(&str) -> bool = $check;
                if legal(text) { Ok(Self(text.into())) } else { Err(ParseIdentityError { what: $what, rule: $rule }) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdentityError;

            fn try_from(text: String) -> Result<Self, ParseIdentityError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// The id of an Identity Platform tenant: one user pool. Compared byte by byte.
    IdentityTenant,
    |text| (4..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
    "an identity tenant",
    "4 to 128 characters of a-z, A-Z, 0-9 and hyphens"
}
text! {
    /// The id of a user within an identity tenant (`sub`): 1 to 128 bytes without control characters.
    Subject,
    |text| (1..=128).contains(&text.len()) && !text.chars().any(char::is_control),
    "a subject",
    "1 to 128 bytes without control characters"
}

/// A user whose token was verified: signature, issuer, audience, times and identity tenant.
///
/// Made by `tenancy-auth` only. It names a user pool; which tenant that is, and whether the user is a member of
/// it, the [`Resolver`](crate::Resolver) finds out.
#[derive(Clone, Debug)]
pub struct VerifiedIdentity {
    subject: Subject,
    tenant: IdentityTenant,
    expires_at: Timestamp,
}

impl VerifiedIdentity {
    pub(crate) fn new(subject: Subject, tenant: IdentityTenant, expires_at: Timestamp) -> Self {
        Self {
            subject,
            tenant,
            expires_at,
        }
    }

    /// The user's id in its pool.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The user pool.
    #[must_use]
    pub fn tenant(&self) -> &IdentityTenant {
        &self.tenant
    }

    /// When the token stops being valid.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
