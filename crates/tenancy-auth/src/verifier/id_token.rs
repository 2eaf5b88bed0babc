//! The verifier of ID tokens.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use tenancy_core::{
    Principal, Result, VerifiedIdentity,
    http::{Authenticate, Credentials},
};

use super::{
    CheckedVerifier,
    verification::{Verification, now, sole},
};
use crate::{KeySource, Project, Revocation, token::TokenKind};

/// Verifies ID tokens of one project's Identity Platform.
///
/// Cheap to clone; all clones share the cached keys and tokens. Every check of the [crate's
/// table](crate#what-is-checked) is always on: there is no way to make a verifier that leaves one out, and no emulator
/// mode.
#[derive(Clone)]
pub struct IdTokenVerifier {
    verification: Verification,
}

impl IdTokenVerifier {
    /// A verifier of the project's tokens, signed by one of the keys. Asks for no key before the first token comes.
    ///
    /// Calls [`install_crypto`](crate::install_crypto).
    #[must_use]
    pub fn new(project: Project, keys: KeySource) -> Self {
        Self {
            verification: Verification::new(TokenKind::IdToken, &project, keys),
        }
    }

    /// Remembers at most so many verified tokens instead of 10,000; with 0, none. Each takes about 500 bytes.
    #[must_use]
    pub fn remembering(mut self, tokens: usize) -> Self {
        self.verification.remember(tokens);
        self
    }

    /// The same, with a look at the user's account beside it: who was disabled, removed or signed out everywhere gets in no
    /// more, within the bound of the [`Revocation`].
    #[must_use]
    pub fn with_revocation(self, revocation: Revocation) -> CheckedVerifier {
        CheckedVerifier::new(self.verification, revocation)
    }

    /// Verifies a token: what stands after `Bearer `. Call it on a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Kind::Unauthenticated`](tenancy_core::Kind::Unauthenticated) when a check fails: one body for all of them; the
    /// log names the check and holds nothing of the token.
    /// [`Kind::Unavailable`](tenancy_core::Kind::Unavailable) when the keys can't be had.
    ///
    /// # Cost
    ///
    /// One SHA-256 of the token when it was verified before; else one RSA verification. No I/O while the keys are cached;
    /// else the wait for one fetch, at most three seconds.
    pub async fn verify(&self, token: &str) -> Result<VerifiedIdentity> {
        let seen = self.verification.verify(token, now()).await?;
        Ok(seen.identity.clone())
    }

    /// Verifies a token as of a time: for a job, which waits for longer than a token holds. The keys are those of now.
    pub(crate) async fn verify_as_of(&self, token: &str, then: Timestamp) -> Result<VerifiedIdentity> {
        let seen = self.verification.verify_as_of(token, then.as_second()).await?;
        Ok(seen.identity)
    }

    /// Who that is, when the token was verified before and would be again now: nothing waits, nothing is fetched. Without an
    /// answer, [`verify`](Self::verify) finds out.
    #[must_use]
    pub fn known(&self, token: &str) -> Option<VerifiedIdentity> {
        let seen = self.verification.known(token, now())?;
        Some(seen.identity.clone())
    }
}

#[async_trait]
impl Authenticate for IdTokenVerifier {
    /// A user's own token, and nothing beside it.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal> {
        self.verify(sole(&credentials)?).await.map(Principal::User)
    }

    fn known(&self, credentials: Credentials<'_>) -> Option<Principal> {
        Some(Principal::User(self.known(sole(&credentials).ok()?)?))
    }
}

impl fmt::Debug for IdTokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdTokenVerifier")
            .field(&self.verification)
            .finish()
    }
}
