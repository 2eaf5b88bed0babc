//! The users in whose names services act.

use jiff::Timestamp;
use secrecy::SecretString;
use tenancy_core::{Result, VerifiedIdentity, trust};

use crate::IdTokenVerifier;

/// Verifies users' own tokens, and keeps them where the deployment calls on in its users' names.
#[derive(Clone, Debug)]
pub(crate) struct Users {
    pub(crate) verifier: IdTokenVerifier,
    pub(crate) keep: bool,
}

impl Users {
    pub(crate) async fn verify(&self, token: &str) -> Result<VerifiedIdentity> {
        Ok(self.kept(self.verifier.verify(token).await?, token))
    }

    /// Verifies a token as of a time that a trusted service swore to.
    pub(crate) async fn verify_at(&self, token: &str, at: Timestamp) -> Result<VerifiedIdentity> {
        Ok(self.kept(self.verifier.verify_at(token, at).await?, token))
    }

    pub(crate) fn kept(&self, identity: VerifiedIdentity, token: &str) -> VerifiedIdentity {
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
