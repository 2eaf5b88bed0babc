//! The verifier of ID tokens.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use tenancy_core::{
    Error, Principal, Result, VerifiedIdentity,
    http::{Authenticate, Credentials},
    trust,
};

use crate::{
    KeySource, Project,
    keys::{Accept, KeyCache},
    token::{Audience, Refusal, Token},
};

/// Verifies ID tokens of one project's Identity Platform.
///
/// Cheap to clone; all clones share the cached keys. Every check of the [crate's table](crate#what-is-checked) is always on: there is no
/// way to make a verifier that leaves one out, and no emulator mode.
#[derive(Clone)]
pub struct IdTokenVerifier {
    audience: Arc<Audience>,
    keys: KeyCache,
}

impl IdTokenVerifier {
    /// A verifier of the project's tokens, signed by one of the keys. Asks for no key before the first token comes.
    ///
    /// Calls [`install_crypto`](crate::install_crypto).
    #[must_use]
    pub fn new(project: Project, keys: KeySource) -> Self {
        crate::install_crypto();
        Self {
            audience: Arc::new(Audience::new(&project)),
            keys: KeyCache::new(keys, Accept::IdentityPlatform),
        }
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
    /// One RSA verification and no I/O while the keys are cached; else the wait for one fetch, at most three seconds.
    pub async fn verify(&self, token: &str) -> Result<VerifiedIdentity> {
        let token = Token::parse(token)?;
        // cheap checks first: a token that is not meant for us never makes us look for a key
        let claims = token
            .claims()?
            .check(&self.audience, Timestamp::now().as_second())?;
        let key = self.keys.key(token.kid()).await?;
        if !token.signed_by(&key) {
            return Err(Refusal::Signature.into());
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the place that may swear: every check has passed"
        )]
        let identity = trust::token_verified(claims.subject, claims.tenant, claims.expires_at);
        Ok(identity)
    }
}

#[async_trait]
impl Authenticate for IdTokenVerifier {
    /// A user's own token, and nothing beside it.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal> {
        if credentials.actor.is_some() {
            return Err(Error::unauthenticated(
                "a user's token with an actor token beside it",
            ));
        }
        self.verify(credentials.bearer).await.map(Principal::User)
    }
}

impl fmt::Debug for IdTokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenVerifier")
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
