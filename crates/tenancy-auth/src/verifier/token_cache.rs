//! Tokens that were verified before.

use std::{
    hash::{BuildHasherDefault, Hash, Hasher},
    sync::Arc,
};

use parking_lot::RwLock;
use sha2::{Digest as _, Sha256};
use tenancy_core::VerifiedIdentity;

use crate::{
    bounded::{Bounded, Found},
    keys::Key,
    token::{Refusal, TOKEN_BYTES},
};

/// SHA-256 of a whole token, as it was sent: of no part of it, and of nothing beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest([u8; 32]);

/// Eight of its bytes, which are as good as any hash of them.
impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [first, ..] = self.0.as_chunks().0 else { return };
        state.write_u64(u64::from_ne_bytes(*first));
    }
}

/// Passes a digest's bytes on. Who wants many digests in one place of the map has to have tokens of them that verify: what does
/// not verify is never put into it.
#[derive(Default)]
struct Passed(u64);

impl Hasher for Passed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Digest {
    /// The digest of what may be a token. Length is measured first: a digest costs time in proportion.
    pub(super) fn of(token: &str) -> Result<Self, Refusal> {
        if token.len() > TOKEN_BYTES {
            return Err(Refusal::TooLong);
        }
        Ok(Self(Sha256::digest(token.as_bytes()).into()))
    }
}

/// What verifying a token showed, and with which key.
pub(super) struct Seen {
    pub(super) identity: VerifiedIdentity,
    /// When the user signed in, in seconds since 1970.
    pub(super) auth_time: i64,
    pub(super) kid: Box<str>,
    pub(super) key: Arc<Key>,
}

/// Tokens by digest, at most so many. The token itself is not kept.
pub(super) struct TokenCache {
    tokens: RwLock<Bounded<Digest, Arc<Seen>, BuildHasherDefault<Passed>>>,
}

impl TokenCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            tokens: RwLock::new(Bounded::new(capacity)),
        }
    }

    /// What is known of a token that has not expired. That its key is still trusted, the caller has to find out.
    pub(super) fn get(&self, digest: &Digest, now: i64) -> Option<Arc<Seen>> {
        // the lock is not held on: the next line may take it for writing
        let found = self.tokens.read().get(digest)?;
        let seen = match found {
            Found::Young(seen) => seen,
            Found::Old(seen) => {
                self.tokens.write().insert(*digest, Arc::clone(&seen));
                seen
            }
        };
        (now < seen.identity.expires_at().as_second()).then_some(seen)
    }

    pub(super) fn insert(&self, digest: Digest, seen: Arc<Seen>) {
        self.tokens.write().insert(digest, seen);
    }
}
