//! Users who come with a session cookie.

use http::{HeaderMap, Method};
use tenancy_core::{Result, VerifiedIdentity};

use crate::{CheckedVerifier, SessionCookie, SessionCookieVerifier};

/// Session cookies: how they come, and what verifies them.
///
/// A cookie lives for days: give it a [`CheckedVerifier`], so that who was signed out is out within its bound.
#[derive(Clone, Debug)]
pub struct Sessions {
    cookie: SessionCookie,
    verifier: Inner,
}

#[derive(Clone, Debug)]
enum Inner {
    Plain(SessionCookieVerifier),
    Checked(CheckedVerifier),
}

impl Sessions {
    /// Cookies that are verified by themselves.
    #[must_use]
    pub fn new(cookie: SessionCookie, verifier: SessionCookieVerifier) -> Self {
        Self {
            cookie,
            verifier: Inner::Plain(verifier),
        }
    }

    /// Cookies that are verified, and whose user's account is looked at
    /// ([`SessionCookieVerifier::with_revocation`]).
    #[must_use]
    pub fn checked(cookie: SessionCookie, verifier: CheckedVerifier) -> Self {
        Self {
            cookie,
            verifier: Inner::Checked(verifier),
        }
    }

    pub(super) fn of<'a>(&self, method: &Method, headers: &'a HeaderMap) -> Result<Option<&'a str>> {
        self.cookie.of(method, headers)
    }

    pub(super) async fn verify(&self, cookie: &str) -> Result<VerifiedIdentity> {
        match &self.verifier {
            Inner::Plain(verifier) => verifier.verify(cookie).await,
            Inner::Checked(verifier) => verifier.verify(cookie).await,
        }
    }

    pub(super) fn known(&self, cookie: &str) -> Option<VerifiedIdentity> {
        match &self.verifier {
            Inner::Plain(verifier) => verifier.known(cookie),
            Inner::Checked(verifier) => verifier.known(cookie),
        }
    }
}
