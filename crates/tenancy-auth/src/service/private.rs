//! A private key.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde_json::{Value, json};

use crate::proof::sha256;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// Why a secret is no private key. Holds nothing of the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PrivateKeyError {
    #[error("it is no PKCS #8 key in PEM; `openssl genpkey -algorithm ed25519` makes one")]
    Pem,
    #[error("its key is neither an Ed25519 one nor one of P-256")]
    Kind,
}

/// A private key that signs proofs, and its public half.
pub(super) struct PrivateKey {
    pair: Pair,
    kid: String,
    jwk: Value,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    pub(super) fn from_pem(pem: &SecretString) -> Result<Self, PrivateKeyError> {
        let der = der(pem.expose_secret()).ok_or(PrivateKeyError::Pem)?;
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8(&der) {
            return Ok(Self::ed25519(pair));
        }
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        pair.ok().and_then(Self::p256).ok_or(PrivateKeyError::Kind)
    }

    fn ed25519(pair: Ed25519KeyPair) -> Self {
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        // RFC 8037 section 2, RFC 7638 section 3.2: the required members in the order of their names
        let kid = sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x });
        Self {
            pair: Pair::Ed25519(pair),
            kid,
            jwk,
        }
    }

    fn p256(pair: EcdsaKeyPair) -> Option<Self> {
        // the uncompressed point of SEC 1: a 4, and 32 bytes each
        let point = pair.public_key().as_ref().strip_prefix(&[4])?;
        let (x, y) = point.split_at_checked(32)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let kid = sha256(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes());
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y
        });
        Some(Self {
            pair: Pair::P256(pair),
            kid,
            jwk,
        })
    }

    /// The public half's thumbprint (RFC 7638).
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half (RFC 7517).
    pub(super) fn jwk(&self) -> &Value {
        &self.jwk
    }

    pub(super) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::P256(_) => "ES256",
            Pair::Ed25519(_) => "EdDSA",
        }
    }

    /// The signature, in base64url; `None` when the system gives no randomness.
    pub(super) fn sign(&self, message: &[u8]) -> Option<String> {
        match &self.pair {
            Pair::P256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).ok()?;
                Some(URL_SAFE_NO_PAD.encode(signature))
            }
            Pair::Ed25519(pair) => Some(URL_SAFE_NO_PAD.encode(pair.sign(message))),
        }
    }
}

/// What stands between the two lines of a PEM (RFC 7468).
fn der(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let body = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let mut text = Zeroizing::new(String::with_capacity(body.len()));
    text.extend(body.split_ascii_whitespace());
    STANDARD.decode(text.as_bytes()).ok().map(Zeroizing::new)
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A: the key, and its thumbprint of appendix A.3.
    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        let seed = URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        let head = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
        let body = STANDARD.encode([&head[..], &seed].concat());
        let key = PrivateKey::from_pem(&format!("{BEGIN}\n{body}\n{END}\n").into()).unwrap();
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.jwk()["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    }

    fn check(pem: &str, expect: PrivateKeyError) {
        assert_eq!(PrivateKey::from_pem(&pem.into()).unwrap_err(), expect, "{pem}");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        check("", PrivateKeyError::Pem);
        check("hunter2", PrivateKeyError::Pem);
        check(&format!("{BEGIN}{END}"), PrivateKeyError::Kind);
        check(&format!("{BEGIN}\nAAAA\n{END}"), PrivateKeyError::Kind);
        check(&format!("{BEGIN}\n!!!!\n{END}"), PrivateKeyError::Pem);
        check(
            "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----",
            PrivateKeyError::Pem,
        );
    }
}
