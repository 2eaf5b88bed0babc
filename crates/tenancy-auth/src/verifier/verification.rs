//! What all verifiers do.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use tenancy_core::{Error, Result, http::Credentials, telemetry::CacheMeter, trust};

use super::token_cache::{Digest, Seen, TokenCache};
use crate::{
    KeySource, Project,
    keys::{Accept, Key, KeyCache},
    token::{Audience, Refusal, Token, TokenKind},
};

/// How many verified tokens are remembered. About 500 bytes each.
const REMEMBERED: usize = 10_000;

/// Verifies tokens of one kind and one project.
#[derive(Clone)]
pub(super) struct Verification {
    audience: Arc<Audience>,
    keys: KeyCache,
    seen: Arc<TokenCache>,
    meter: CacheMeter,
}

impl Verification {
    pub(super) fn new(kind: TokenKind, project: &Project, keys: KeySource) -> Self {
        crate::install_crypto();
        Self {
            audience: Arc::new(Audience::new(kind, project)),
            keys: KeyCache::new(keys, Accept::IdentityPlatform),
            seen: Arc::new(TokenCache::new(REMEMBERED)),
            meter: CacheMeter::new("tokens"),
        }
    }

    /// Remembers at most `tokens`, and forgets those that it remembers.
    pub(super) fn remember(&mut self, tokens: usize) {
        self.seen = Arc::new(TokenCache::new(tokens));
    }

    /// The outcome at a time, in seconds since 1970.
    pub(super) async fn verify(&self, text: &str, now: i64) -> Result<Arc<Seen>> {
        let digest = Digest::of(text)?;
        if let Some(seen) = self.seen.get(&digest, now) {
            // waits for what a new token would wait for: what was verified with a withdrawn key is so no longer
            let key = self.keys.key(&seen.kid).await;
            if key.is_ok_and(|key| Arc::ptr_eq(&key, &seen.key)) {
                self.meter.hit();
                return Ok(seen);
            }
        }
        self.meter.miss();
        let seen = Arc::new(self.verify_anew(text, now).await?);
        self.seen.insert(digest, Arc::clone(&seen));
        Ok(seen)
    }

    /// What is known of a token without waiting: that it was verified, is not expired, and that its key is trusted now.
    pub(super) fn known(&self, text: &str, now: i64) -> Option<Arc<Seen>> {
        let seen = self.seen.get(&Digest::of(text).ok()?, now)?;
        let key = self.keys.ready(&seen.kid)?;
        let known = Arc::ptr_eq(&key, &seen.key).then_some(seen);
        known.inspect(|_| self.meter.hit())
    }

    /// The outcome as of a time that may be past, with the keys of now. Nothing is remembered: what was so then may not be now.
    pub(super) async fn verify_as_of(&self, text: &str, then: i64) -> Result<Seen> {
        self.verify_anew(text, then).await
    }

    async fn verify_anew(&self, text: &str, now: i64) -> Result<Seen> {
        let token = Token::parse(text)?;
        // cheap checks first: a token that is not meant for us never makes us look for a key
        let claims = token.claims()?.check(&self.audience, now)?;
        let key: Arc<Key> = self.keys.key(token.kid()).await?;
        if !token.signed_by(&key) {
            return Err(Refusal::Signature.into());
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the place that may swear: every check has passed"
        )]
        let identity = trust::token_verified(claims.subject, claims.tenant, claims.expires_at);
        Ok(Seen {
            identity,
            auth_time: claims.auth_time,
            kid: token.kid().into(),
            key,
        })
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.audience.fmt(f)
    }
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// A user's own token, and nothing beside it.
pub(super) fn sole<'a>(credentials: &Credentials<'a>) -> Result<&'a str> {
    match credentials.actor {
        None => Ok(credentials.bearer),
        Some(_) => Err(Error::unauthenticated(
            "a user's token with an actor token beside it",
        )),
    }
}

#[cfg(test)]
mod tests {
    use tenancy_testkit::{KeyServer, TokenMint};

    use super::*;

    #[tokio::test]
    async fn a_token_that_is_remembered_ends_when_any_other_does() {
        let mint = TokenMint::new("demo-trips");
        let server = KeyServer::start(&mint).await.unwrap();
        let keys = KeySource::at(server.url().parse().unwrap());
        let verification = Verification::new(TokenKind::IdToken, &"demo-trips".parse().unwrap(), keys);
        let exp = now() + 3600;
        let draft = mint.draft(&"T-free".parse().unwrap(), &"alice".parse().unwrap());
        let token = draft.claim("exp", exp).sign();
        for (at, known, accepted) in [
            (exp - 1, true, true),
            (exp, false, true),
            (exp + 59, false, true),
            (exp + 60, false, false),
            (exp - 1, true, true),
        ] {
            let outcome = verification.verify(&token, at).await;
            assert_eq!(outcome.is_ok(), accepted, "{} s after `exp`", at - exp);
            let seen = verification.known(&token, at);
            assert_eq!(seen.is_some(), known, "{} s after `exp`", at - exp);
        }
    }
}
