//! Who a verified token speaks for.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::parsed_text::parsed_text;

/// Why a text names no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}")]
pub struct ParseIdentityError {
    pub(crate) what: &'static str,
    pub(crate) rule: &'static str,
}

parsed_text! {
    /// The id of an Identity Platform tenant: one user pool. As the provider spells it, compared byte by byte.
    IdentityTenant, ParseIdentityError,
    |text| (4..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
    "an identity tenant",
    "4 to 128 characters of a-z, A-Z, 0-9 and hyphens"
}
parsed_text! {
    /// The id of a user within an identity tenant (`sub`): 1 to 128 bytes without control characters.
    Subject, ParseIdentityError,
    |text| (1..=128).contains(&text.len()) && !text.chars().any(char::is_control),
    "a subject",
    "1 to 128 bytes without control characters"
}

/// A user whose token was verified: signature, issuer, audience, times and identity tenant.
///
/// Made by `tenancy-auth` only. It names a user pool; which tenant that is, and whether the user is a member of
/// it, the [`Resolver`](crate::Resolver) finds out. Cloning counts a reference and copies nothing.
#[derive(Clone, Debug)]
pub struct VerifiedIdentity {
    who: Arc<Who>,
    expires_at: Timestamp,
    /// The token itself, where the deployment calls on in its users' names. Never shown.
    pub(crate) token: Option<Arc<SecretString>>,
}

#[derive(Debug)]
struct Who {
    subject: Subject,
    tenant: IdentityTenant,
}

impl VerifiedIdentity {
    pub(crate) fn new(subject: Subject, tenant: IdentityTenant, expires_at: Timestamp) -> Self {
        Self {
            who: Arc::new(Who { subject, tenant }),
            expires_at,
            token: None,
        }
    }

    /// The user's id in its pool.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.who.subject
    }

    /// The user pool.
    #[must_use]
    pub fn tenant(&self) -> &IdentityTenant {
        &self.who.tenant
    }

    /// When the token stops being valid.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
