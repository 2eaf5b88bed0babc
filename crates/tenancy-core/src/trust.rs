//! What another crate may swear to. Hidden, and banned by `clippy.toml` outside of `tenancy-auth` and the testkit.

use jiff::Timestamp;

use crate::{IdentityTenant, Subject, VerifiedIdentity};

/// The caller swears that a token was verified in full (signature by a trusted key, issuer, audience, times) and
/// that the token itself names this subject and this identity tenant.
#[must_use]
pub fn token_verified(subject: Subject, tenant: IdentityTenant, expires_at: Timestamp) -> VerifiedIdentity {
    VerifiedIdentity::new(subject, tenant, expires_at)
}
