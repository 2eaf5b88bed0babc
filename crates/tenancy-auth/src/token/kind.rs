//! The two kinds of Identity Platform's tokens that a user presents.

use std::ops::RangeInclusive;

use super::Refusal;
use crate::Project;

const DAY: i64 = 24 * 3600;

/// What a token is. Both kinds say the same of a user; issuer, keys and lifetime tell them apart, and no verifier takes
/// both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// What signing in gives, for an hour.
    IdToken,
    /// What a server made of an ID token, for a browser to keep.
    SessionCookie,
}

impl TokenKind {
    pub(super) fn issuer(self, project: &Project) -> String {
        let host = match self {
            Self::IdToken => "securetoken.google.com",
            Self::SessionCookie => "session.firebase.google.com",
        };
        format!("https://{host}/{project}")
    }

    /// Checks how long it lives, from `iat` to `exp`, in seconds.
    pub(super) fn check_lifetime(self, seconds: i64) -> Result<(), Refusal> {
        let (lifetime, least, most) = self.lifetime();
        if seconds < *lifetime.start() {
            Err(Refusal::claim("exp", least))
        } else if seconds > *lifetime.end() {
            Err(Refusal::claim("exp", most))
        } else {
            Ok(())
        }
    }

    fn lifetime(self) -> (RangeInclusive<i64>, &'static str, &'static str) {
        match self {
            Self::IdToken => (0..=DAY, "is before `iat`", "is more than a day after `iat`"),
            Self::SessionCookie => (
                300..=14 * DAY,
                "is less than five minutes after `iat`",
                "is more than 14 days after `iat`",
            ),
        }
    }
}
