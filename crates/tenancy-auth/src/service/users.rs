//! The users in whose names services act.

use jiff::Timestamp;
use secrecy::SecretString;
use tenancy_core::{Result, VerifiedIdentity, trust};

use crate::{CheckedVerifier, IdTokenVerifier};

/// What verifies users' own tokens: an [`IdTokenVerifier`], or a [`CheckedVerifier`], which also looks at the user's account.
#[derive(Clone, Debug)]
pub struct UserVerifier(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Plain(IdTokenVerifier),
    Checked(CheckedVerifier),
}

impl From<IdTokenVerifier> for UserVerifier {
    fn from(verifier: IdTokenVerifier) -> Self {
        Self(Inner::Plain(verifier))
    }
}

impl From<CheckedVerifier> for UserVerifier {
    fn from(verifier: CheckedVerifier) -> Self {
        Self(Inner::Checked(verifier))
    }
}

/// Verifies users' own tokens, and keeps them where the deployment calls on in its users' names.
#[derive(Clone, Debug)]
pub(crate) struct Users {
    pub(crate) verifier: UserVerifier,
    pub(crate) keep: bool,
}

impl Users {
    /// Verifies with `verifier`, and keeps no token.
    pub(crate) fn new(verifier: UserVerifier) -> Self {
        Self {
            verifier,
            keep: false,
        }
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<VerifiedIdentity> {
        let identity = match &self.verifier.0 {
            Inner::Plain(verifier) => verifier.verify(token).await,
            Inner::Checked(verifier) => verifier.verify(token).await,
        };
        Ok(self.kept(identity?, token))
    }

    /// Verifies a token as of a time that a trusted service swore to.
    pub(crate) async fn verify_as_of(&self, token: &str, then: Timestamp) -> Result<VerifiedIdentity> {
        let identity = match &self.verifier.0 {
            Inner::Plain(verifier) => verifier.verify_as_of(token, then).await,
            Inner::Checked(verifier) => verifier.verify_as_of(token, then).await,
        };
        Ok(self.kept(identity?, token))
    }

    /// Who that is, when it is known without waiting.
    pub(crate) fn known(&self, token: &str) -> Option<VerifiedIdentity> {
        let identity = match &self.verifier.0 {
            Inner::Plain(verifier) => verifier.known(token),
            Inner::Checked(verifier) => verifier.known(token),
        };
        Some(self.kept(identity?, token))
    }

    fn kept(&self, identity: VerifiedIdentity, token: &str) -> VerifiedIdentity {
        if !self.keep {
            return identity;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the place that may swear: the identity was verified from this token"
        )]
        trust::with_token(identity, SecretString::from(token))
    }
}
