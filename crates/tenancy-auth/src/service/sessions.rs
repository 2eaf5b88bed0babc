//! The users who come with a session cookie.

use http::{HeaderMap, Method};
use tenancy_core::{Error, Principal, Result, VerifiedIdentity};

use crate::{CheckedVerifier, Revocation, SessionCookie, SessionCookieVerifier};

/// A service's session cookie, and what verifies it.
#[derive(Clone, Debug)]
pub(super) struct Sessions {
    cookie: SessionCookie,
    verifier: Verifier,
}

#[derive(Clone, Debug)]
enum Verifier {
    Plain(SessionCookieVerifier),
    Checked(CheckedVerifier),
}

impl Sessions {
    pub(super) fn new(
        cookie: SessionCookie,
        verifier: SessionCookieVerifier,
        revocation: Option<Revocation>,
    ) -> Self {
        let verifier = match revocation {
            None => Verifier::Plain(verifier),
            Some(revocation) => Verifier::Checked(verifier.with_revocation(revocation)),
        };
        Self { cookie, verifier }
    }

    /// Whose cookie a request brings, if it brings one. Nobody sends a user's token beside it.
    pub(super) async fn principal(&self, method: &Method, headers: &HeaderMap) -> Result<Option<Principal>> {
        let Some(cookie) = self.cookie.of(method, headers)? else {
            return Ok(None);
        };
        if headers.contains_key("x-actor-token") {
            return Err(Error::unauthenticated("an actor token beside a session cookie"));
        }
        self.verify(cookie).await.map(Principal::User).map(Some)
    }

    async fn verify(&self, cookie: &str) -> Result<VerifiedIdentity> {
        match &self.verifier {
            Verifier::Plain(verifier) => verifier.verify(cookie).await,
            Verifier::Checked(verifier) => verifier.verify(cookie).await,
        }
    }
}
