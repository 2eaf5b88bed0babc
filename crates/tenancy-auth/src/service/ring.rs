//! The keys of a service, and which of them signs. Pure: time is an argument.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::private::PrivateKey;

/// How long a key is published before it signs: longer than a verifier keeps the published set.
const AHEAD: Duration = Duration::from_secs(600);

/// The keys of a service in the order of its configuration: the first signs, all are published.
#[derive(Debug)]
pub(super) struct Ring {
    keys: Vec<Published>,
}

#[derive(Clone, Debug)]
struct Published {
    key: Arc<PrivateKey>,
    /// `None` from the start: then there is none that was published before.
    since: Option<Instant>,
}

impl Ring {
    /// The first keys of a process.
    pub(super) fn new(keys: Vec<PrivateKey>) -> Self {
        Self {
            keys: published(keys, |_| None),
        }
    }

    /// The keys that were read again: one that was known keeps its age.
    pub(super) fn renewed(&self, keys: Vec<PrivateKey>, now: Instant) -> Self {
        let since = |kid: &str| match self.keys.iter().find(|known| known.key.kid() == kid) {
            Some(known) => known.since,
            None => Some(now),
        };
        Self {
            keys: published(keys, since),
        }
    }

    /// The key that signs: the first that was published long enough, or just the first when none was.
    pub(super) fn signing(&self, now: Instant) -> Option<&Arc<PrivateKey>> {
        let aged = |published: &&Published| match published.since {
            Some(since) => now.saturating_duration_since(since) >= AHEAD,
            None => true,
        };
        let first = self.keys.iter().find(aged).or(self.keys.first());
        first.map(|published| &published.key)
    }

    /// The public halves (RFC 7517).
    pub(super) fn jwks(&self) -> Value {
        let keys: Vec<&Value> = self.keys.iter().map(|published| published.key.jwk()).collect();
        json!({ "keys": keys })
    }
}

/// Each key once.
fn published(keys: Vec<PrivateKey>, since: impl Fn(&str) -> Option<Instant>) -> Vec<Published> {
    let mut all: Vec<Published> = Vec::new();
    for key in keys {
        if all.iter().all(|known| known.key.kid() != key.kid()) {
            let since = since(key.kid());
            all.push(Published {
                key: Arc::new(key),
                since,
            });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{encoding::AsBigEndian, signature::Ed25519KeyPair};
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    fn pem() -> String {
        let pair = Ed25519KeyPair::generate().unwrap();
        let seed = pair.seed().unwrap();
        let seed: aws_lc_rs::encoding::Curve25519SeedBin<'_> = seed.as_be_bytes().unwrap();
        let head = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
        let body = STANDARD.encode([&head[..], seed.as_ref()].concat());
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----")
    }

    fn keys(pems: &[&str]) -> Vec<PrivateKey> {
        let key = |pem: &&str| PrivateKey::from_pem(&(*pem).into()).unwrap();
        pems.iter().map(key).collect()
    }

    fn kid(pem: &str) -> String {
        keys(&[pem])[0].kid().to_owned()
    }

    #[test]
    fn a_key_is_published_before_it_signs() {
        let (a, b, start) = (pem(), pem(), Instant::now());
        let check = |ring: &Ring, after: u64, signs: &str, published: usize| {
            let now = start + Duration::from_secs(after);
            assert_eq!(ring.signing(now).unwrap().kid(), kid(signs), "after {after} s");
            assert_eq!(ring.jwks()["keys"].as_array().unwrap().len(), published);
        };
        let ring = Ring::new(keys(&[&a, &a]));
        check(&ring, 0, &a, 1);
        // the next one, published and not yet used, even when it is put first too soon
        let ring = ring.renewed(keys(&[&a, &b]), start);
        check(&ring, 0, &a, 2);
        let ring = ring.renewed(keys(&[&b, &a]), start + Duration::from_secs(60));
        check(&ring, 60, &a, 2);
        check(&ring, 599, &a, 2);
        check(&ring, 600, &b, 2);
        // the old one is taken away: what is left signs
        let ring = ring.renewed(keys(&[&b]), start + Duration::from_secs(700));
        check(&ring, 700, &b, 1);
        let c = pem();
        check(
            &ring.renewed(keys(&[&c]), start + Duration::from_secs(800)),
            800,
            &c,
            1,
        );
    }
}
