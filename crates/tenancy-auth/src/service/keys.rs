//! The public keys that a service's proofs are verified with.

use std::{fmt, sync::Arc};

use tenancy_core::Result;

use crate::{
    KeySource, KeyUrl, ServiceSigner,
    keys::{Accept, Key, KeyCache, fixed},
    token::Refusal,
};

/// The public keys of one service: P-256 for ES256 and Ed25519 for EdDSA, and no other.
#[derive(Clone)]
pub struct ServiceKeys {
    inner: Inner,
}

#[derive(Clone)]
enum Inner {
    Fixed(Arc<[(Box<str>, Arc<Key>)]>),
    Server(KeyUrl, KeyCache),
    Own(ServiceSigner),
}

/// A text is no set of public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a service's keys are a JSON Web Key Set (RFC 7517) with P-256 keys for ES256 or Ed25519 keys for EdDSA"
)]
pub struct ParseServiceKeysError;

impl ServiceKeys {
    /// Keys from configuration: a JSON Web Key Set (RFC 7517), as [`ServiceSigner::jwks`](crate::ServiceSigner::jwks) gives it.
    ///
    /// # Errors
    ///
    /// When the text is none, or no key in it can be used.
    pub fn fixed(jwks: &str) -> Result<Self, ParseServiceKeysError> {
        crate::install_crypto();
        let keys = fixed(jwks.as_bytes(), Accept::Services).ok_or(ParseServiceKeysError)?;
        let keys = keys.into_iter().map(|(kid, key)| (kid, Arc::new(key)));
        Ok(Self {
            inner: Inner::Fixed(keys.collect()),
        })
    }

    /// Keys from the service's own address, or from a server that collects them. They are kept as keys of ID tokens are.
    #[must_use]
    pub fn at(url: KeyUrl) -> Self {
        crate::install_crypto();
        let cache = KeyCache::new(KeySource::at(url.clone()), Accept::Services);
        Self {
            inner: Inner::Server(url, cache),
        }
    }

    /// The keys of this process's own service, as they are at each proof: for jobs that it queues for itself.
    #[must_use]
    pub fn own(signer: &ServiceSigner) -> Self {
        Self {
            inner: Inner::Own(signer.clone()),
        }
    }

    pub(crate) async fn key(&self, kid: &str) -> Result<Arc<Key>> {
        match &self.inner {
            Inner::Fixed(keys) => {
                let key = keys.iter().find(|(known, _)| **known == *kid);
                key.map(|(_, key)| Arc::clone(key))
                    .ok_or_else(|| Refusal::UnknownKey.into())
            }
            Inner::Server(_, cache) => cache.key(kid).await,
            Inner::Own(signer) => {
                let key = own(signer).into_iter().find(|(known, _)| **known == *kid);
                key.map(|(_, key)| key).ok_or_else(|| Refusal::UnknownKey.into())
            }
        }
    }

    /// Whether a key of one is a key of the other, as far as that is known without asking a server.
    pub(crate) fn overlap(&self, other: &Self) -> bool {
        match (&self.inner, &other.inner) {
            (Inner::Fixed(one), Inner::Fixed(two)) => common(one, two),
            (Inner::Fixed(one), Inner::Own(signer)) | (Inner::Own(signer), Inner::Fixed(one)) => {
                common(one, &own(signer))
            }
            (Inner::Server(one, _), Inner::Server(two, _)) => one == two,
            _ => false,
        }
    }
}

impl fmt::Debug for ServiceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Inner::Fixed(keys) => {
                let kids = keys.iter().map(|(kid, _)| kid);
                f.debug_set().entries(kids).finish()
            }
            Inner::Server(url, _) => url.fmt(f),
            Inner::Own(signer) => signer.fmt(f),
        }
    }
}

type Known = (Box<str>, Arc<Key>);

fn own(signer: &ServiceSigner) -> Vec<Known> {
    let keys = fixed(signer.jwks().to_string().as_bytes(), Accept::Services).unwrap_or_default();
    keys.into_iter().map(|(kid, key)| (kid, Arc::new(key))).collect()
}

fn common(one: &[Known], two: &[Known]) -> bool {
    one.iter().any(|(_, a)| two.iter().any(|(_, b)| a.is(b)))
}
