//! A verifier that also looks at the user's account.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use tenancy_core::{
    Principal, Result, VerifiedIdentity,
    http::{Authenticate, Credentials},
};

use super::verification::{Verification, now, sole};
use crate::revocation::{Accounts, Revocation};

/// A verifier that also looks at the user's account: the tokens of who was disabled, removed, or signed out everywhere
/// are refused, though they are not expired. Made by
/// [`IdTokenVerifier::with_revocation`](crate::IdTokenVerifier::with_revocation) and
/// [`SessionCookieVerifier::with_revocation`](crate::SessionCookieVerifier::with_revocation); takes the same tokens as
/// the one it was made of.
///
/// Cheap to clone; all clones share what is cached.
#[derive(Clone)]
pub struct CheckedVerifier {
    verification: Verification,
    accounts: Accounts,
}

impl CheckedVerifier {
    pub(super) fn new(verification: Verification, revocation: Revocation) -> Self {
        Self {
            verification,
            accounts: Accounts::new(revocation),
        }
    }

    /// Verifies a token and looks at its user. Call it on a tokio runtime.
    ///
    /// # Errors
    ///
    /// Those of [`IdTokenVerifier::verify`](crate::IdTokenVerifier::verify);
    /// [`Kind::Unauthenticated`](tenancy_core::Kind::Unauthenticated), with the same body, for a user who may no longer in;
    /// [`Kind::Unavailable`](tenancy_core::Kind::Unavailable) when that can't be known.
    ///
    /// # Cost
    ///
    /// One lookup over the network for each user and minute, at most two seconds; other requests of the user wait for the
    /// same one.
    pub async fn verify(&self, token: &str) -> Result<VerifiedIdentity> {
        let seen = self.verification.verify(token, now()).await?;
        let account = self.accounts.account(&seen.identity).await?;
        account.admit(seen.auth_time)?;
        Ok(seen.identity.clone())
    }

    /// Verifies a token as of a time, with the keys of now; the user is looked at as of now.
    pub(crate) async fn verify_as_of(&self, token: &str, then: Timestamp) -> Result<VerifiedIdentity> {
        let seen = self.verification.verify_as_of(token, then.as_second()).await?;
        let account = self.accounts.account(&seen.identity).await?;
        account.admit(seen.auth_time)?;
        Ok(seen.identity)
    }

    /// Who that is, when the token was verified and the user looked up a moment ago: nothing waits, nothing is fetched.
    /// Without an answer, [`verify`](Self::verify) finds out.
    #[must_use]
    pub fn known(&self, token: &str) -> Option<VerifiedIdentity> {
        let seen = self.verification.known(token, now())?;
        let account = self.accounts.ready(&seen.identity)?;
        account.admit(seen.auth_time).ok()?;
        Some(seen.identity.clone())
    }
}

#[async_trait]
impl Authenticate for CheckedVerifier {
    /// A user's own token, and nothing beside it.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal> {
        self.verify(sole(&credentials)?).await.map(Principal::User)
    }

    fn known(&self, credentials: Credentials<'_>) -> Option<Principal> {
        Some(Principal::User(self.known(sole(&credentials).ok()?)?))
    }
}

impl fmt::Debug for CheckedVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CheckedVerifier")
            .field(&self.verification)
            .finish()
    }
}
