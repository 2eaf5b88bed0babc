//! The verifier of session cookies.

use std::fmt;

use async_trait::async_trait;
use tenancy_core::{
    Principal, Result, VerifiedIdentity,
    http::{Authenticate, Credentials},
};

use super::{
    CheckedVerifier,
    verification::{Verification, now, sole},
};
use crate::{KeySource, Project, Revocation, token::TokenKind};

/// Verifies session cookies of one project's Identity Platform: what `createSessionCookie` makes of an ID token, for a
/// browser to keep for five minutes to 14 days.
///
/// It takes no ID token, and [`IdTokenVerifier`](crate::IdTokenVerifier) takes no cookie: issuer and keys are others,
/// all other [checks](crate#what-is-checked) are the same. A cookie lives for long, so put
/// [`with_revocation`](Self::with_revocation) on it. How it comes with a request, and from which pages,
/// [`SessionCookie`](crate::SessionCookie) says.
///
/// Cheap to clone; all clones share the cached keys and cookies.
#[derive(Clone)]
pub struct SessionCookieVerifier {
    verification: Verification,
}

impl SessionCookieVerifier {
    /// A verifier of the project's cookies, signed by one of the keys
    /// ([`KeySource::google_session_cookies`]). Asks for no key before the first cookie comes.
    ///
    /// Calls [`install_crypto`](crate::install_crypto).
    #[must_use]
    pub fn new(project: Project, keys: KeySource) -> Self {
        Self {
            verification: Verification::new(TokenKind::SessionCookie, &project, keys),
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

    /// Verifies a cookie: its value, as [`SessionCookie::of`](crate::SessionCookie::of) gives it. Call it on a tokio
    /// runtime.
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
    pub async fn verify(&self, cookie: &str) -> Result<VerifiedIdentity> {
        let seen = self.verification.verify(cookie, now()).await?;
        Ok(seen.identity.clone())
    }

    /// Who that is, when the cookie was verified before and would be again now: nothing waits, nothing is fetched.
    /// Without an answer, [`verify`](Self::verify) finds out.
    #[must_use]
    pub fn known(&self, cookie: &str) -> Option<VerifiedIdentity> {
        let seen = self.verification.known(cookie, now())?;
        Some(seen.identity.clone())
    }
}

#[async_trait]
impl Authenticate for SessionCookieVerifier {
    /// A user's own token, and nothing beside it.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal> {
        self.verify(sole(&credentials)?).await.map(Principal::User)
    }

    fn known(&self, credentials: Credentials<'_>) -> Option<Principal> {
        Some(Principal::User(self.known(sole(&credentials).ok()?)?))
    }
}

impl fmt::Debug for SessionCookieVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionCookieVerifier")
            .field(&self.verification)
            .finish()
    }
}
