//! An RSA key pair.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::{
    digest,
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

pub(super) struct SigningKey {
    pub(super) pair: KeyPair,
    pub(super) kid: String,
}

/// Making a key takes some tenths of a second: the mints of a process share one.
static SHARED: LazyLock<Arc<SigningKey>> = LazyLock::new(|| Arc::new(SigningKey::generate()));

impl SigningKey {
    pub(super) fn shared() -> Arc<Self> {
        Arc::clone(&SHARED)
    }

    #[expect(clippy::expect_used, reason = "a test without a key can only fail")]
    pub(super) fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("the system gives randomness");
        let modulus = pair.public_key().modulus();
        let hash = digest::digest(&digest::SHA256, modulus.big_endian_without_leading_zero());
        // as long as Google's
        let kid = hash
            .as_ref()
            .iter()
            .take(20)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self { pair, kid }
    }

    pub(super) fn jwk(&self) -> Value {
        let (modulus, exponent) = (
            self.pair.public_key().modulus(),
            self.pair.public_key().exponent(),
        );
        json!({
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(modulus.big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(exponent.big_endian_without_leading_zero()),
        })
    }

    #[expect(clippy::expect_used, reason = "a key that was made can be written")]
    pub(super) fn public_der(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'static> =
            self.pair.public_key().as_der().expect("a public key has a form");
        der.as_ref().to_vec()
    }

    pub(super) fn public_pem(&self) -> String {
        let text = STANDARD.encode(self.public_der());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (at, c) in text.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(c);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        pem
    }
}
