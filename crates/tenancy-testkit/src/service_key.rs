//! Keys of services, and proofs that say anything.

use std::fmt;

use aws_lc_rs::{
    digest,
    encoding::{AsBigEndian, Curve25519SeedBin},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410 section 7).
const ED25519: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

/// A service's private key, made for a test: as a secret to configure a signer with, and to sign proofs that no signer would.
///
/// ```
/// use tenancy_testkit::ServiceKey;
/// use serde_json::json;
///
/// let key = ServiceKey::ed25519();
/// assert!(key.pem().starts_with("-----BEGIN PRIVATE KEY-----"));
/// let proof = key.sign(&key.header("tenancy-service+jwt"), &json!({ "iss": "trips" }));
/// assert_eq!(proof.split('.').count(), 3);
/// ```
pub struct ServiceKey {
    pair: Pair,
    pem: String,
    jwk: Value,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl ServiceKey {
    /// A P-256 key for ES256.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without a key can only fail")]
    pub fn es256() -> Self {
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let der = der.expect("the system gives randomness");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref());
        let pair = pair.expect("what was made can be read");
        let (x, y) = pair.public_key().as_ref().split_at(1).1.split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let name = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let kid = thumbprint(&name);
        Self {
            pem: pem(der.as_ref()),
            jwk: json!({
                "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y
            }),
            pair: Pair::P256(pair),
        }
    }

    /// An Ed25519 key for EdDSA.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without a key can only fail")]
    pub fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().expect("the system gives randomness");
        let seed = pair.seed().expect("a key has a seed");
        let seed: Curve25519SeedBin<'_> = seed.as_be_bytes().expect("a seed has bytes");
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        let kid = thumbprint(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        Self {
            pem: pem(&[&ED25519[..], seed.as_ref()].concat()),
            jwk: json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x }),
            pair: Pair::Ed25519(pair),
        }
    }

    /// The private key: PKCS #8 in PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The public key (RFC 7517); its `kid` is its thumbprint (RFC 7638).
    #[must_use]
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// The public key as a set of one, as text.
    #[must_use]
    pub fn jwks(&self) -> String {
        json!({ "keys": [self.jwk] }).to_string()
    }

    /// A good header of a proof of that type.
    #[must_use]
    pub fn header(&self, typ: &str) -> Value {
        let Self { jwk, .. } = self;
        json!({ "alg": jwk.get("alg"), "typ": typ, "kid": jwk.get("kid") })
    }

    /// Signs any header and claims.
    #[must_use]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// Signs any texts as header and claims: for duplicates, and for what is no JSON.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without a signature can only fail")]
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = match &self.pair {
            Pair::P256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message.as_bytes());
                URL_SAFE_NO_PAD.encode(signature.expect("a key signs"))
            }
            Pair::Ed25519(pair) => URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes())),
        };
        format!("{message}.{signature}")
    }
}

fn thumbprint(members: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes()))
}

fn pem(der: &[u8]) -> String {
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    )
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceKey")
            .field("jwk", &self.jwk)
            .finish_non_exhaustive()
    }
}
