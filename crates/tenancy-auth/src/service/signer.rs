//! A service that signs.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use parking_lot::RwLock;
use secrecy::zeroize::Zeroizing;
use serde::Serialize;
use serde_json::Value;
use tenancy_core::{
    Error, OwnService, PermissionNames, Result, SecretRef, SecretRefError, ServiceName, trust,
};
use tokio::{task::JoinHandle, time::Instant};

use super::{
    private::{PrivateKey, PrivateKeyError},
    ring::Ring,
};
use crate::proof::ProofKind;

/// How often the secrets are read again.
const READ_AGAIN: Duration = Duration::from_secs(30);

/// A service with its private keys: what signs service tokens, job envelopes and operators' grants.
///
/// Cheap to clone; all clones share the keys.
///
/// # Rotation
///
/// Two references, `current` and `next`; both are published, the first signs. While nothing changes, both name one key. To
/// rotate, write a new key to `next`, wait ten minutes or more, then write it to `current`. [`watch`](Self::watch) sees
/// each step within half a minute. A key that comes first too soon signs only when it was published for ten minutes, unless no older one
/// is left. A key that leaked is taken from both at once: verifiers trust it until their copy of the set is over.
#[derive(Clone)]
pub struct ServiceSigner {
    shared: Arc<Shared>,
}

struct Shared {
    name: ServiceName,
    secrets: Vec<SecretRef>,
    ring: RwLock<Ring>,
}

/// Why a service can't sign. Holds nothing of a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// A secret can't be had.
    #[error(transparent)]
    Secret(#[from] SecretRefError),
    /// A secret is no private key.
    #[error("`{0}`: {1}")]
    NoKey(SecretRef, String),
    /// There is none.
    #[error("a service that signs needs at least one private key")]
    Empty,
}

impl ServiceSigner {
    /// A service by its name and its private keys (PKCS #8 in PEM, Ed25519 or P-256): the first signs, all are published.
    ///
    /// # Errors
    ///
    /// When a secret can't be read or is no such key.
    pub fn new(
        name: ServiceName,
        keys: impl IntoIterator<Item = SecretRef>,
    ) -> std::result::Result<Self, SignerError> {
        crate::install_crypto();
        let secrets: Vec<_> = keys.into_iter().collect();
        let ring = RwLock::new(Ring::new(read(&secrets)?));
        Ok(Self {
            shared: Arc::new(Shared { name, secrets, ring }),
        })
    }

    /// The service's name: the issuer of what it signs.
    #[must_use]
    pub fn name(&self) -> &ServiceName {
        &self.shared.name
    }

    /// The public keys (RFC 7517): what other services trust, from a file or from [`published`](Self::published).
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.shared.ring.read().jwks()
    }

    /// Reads the secrets again. After an error the keys stay as they were.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn reload(&self) -> std::result::Result<(), SignerError> {
        let keys = read(&self.shared.secrets)?;
        let mut ring = self.shared.ring.write();
        *ring = ring.renewed(keys, Instant::now());
        Ok(())
    }

    /// Reads the secrets again every half minute, on the current tokio runtime, until what it gives is dropped.
    #[must_use = "it ends when it is dropped"]
    pub fn watch(&self) -> KeyWatch {
        let signer = self.clone();
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(READ_AGAIN).await;
                let signer = signer.clone();
                match tokio::task::spawn_blocking(move || signer.reload()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "the service's keys stay as they are"),
                    Err(_) => tracing::warn!("the service's keys could not be read: they stay as they are"),
                }
            }
        });
        KeyWatch { task }
    }

    /// The service in its own name, for work that no request asked for; `permissions` come from its configuration.
    #[must_use]
    pub fn own_service(&self, permissions: PermissionNames) -> OwnService {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the place that may swear: it holds the service's private key"
        )]
        trust::own_service(self.shared.name.clone(), Arc::new(permissions))
    }

    /// Signs claims as a proof of that kind.
    pub(crate) fn sign(&self, kind: ProofKind, claims: &impl Serialize) -> Result<String> {
        let key = self.shared.ring.read().signing(Instant::now()).map(Arc::clone);
        let key = key.ok_or_else(|| Error::internal("the service has no key"))?;
        let claims = serde_json::to_vec(claims)
            .map(Zeroizing::new)
            .map_err(|e| Error::internal("claims can't be written").with_source(e))?;
        let header = format!(
            r#"{{"alg":"{}","typ":"{}","kid":"{}"}}"#,
            key.algorithm(),
            kind.typ(),
            key.kid()
        );
        let mut proof = URL_SAFE_NO_PAD.encode(header);
        proof.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.as_slice(), &mut proof);
        let signature = key.sign(proof.as_bytes());
        proof.push('.');
        proof.push_str(&signature.ok_or_else(|| Error::internal("the key does not sign"))?);
        if proof.len() > kind.most_bytes() {
            return Err(Error::internal("a proof would be longer than anyone accepts"));
        }
        Ok(proof)
    }
}

fn read(secrets: &[SecretRef]) -> std::result::Result<Vec<PrivateKey>, SignerError> {
    if secrets.is_empty() {
        return Err(SignerError::Empty);
    }
    let key = |secret: &SecretRef| {
        PrivateKey::from_pem(&secret.reveal()?)
            .map_err(|error: PrivateKeyError| SignerError::NoKey(secret.clone(), error.to_string()))
    };
    secrets.iter().map(key).collect()
}

/// Reads a signer's keys again, until it is dropped.
#[derive(Debug)]
pub struct KeyWatch {
    task: JoinHandle<()>,
}

impl Drop for KeyWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for ServiceSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceSigner")
            .field("name", &self.shared.name)
            .finish_non_exhaustive()
    }
}
