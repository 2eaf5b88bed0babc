//! Ways to sign, the right one and the wrong ones.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{self as sign, EcdsaKeyPair, Ed25519KeyPair, RsaEncoding},
};

use super::key::SigningKey;

/// How a token is signed. Identity Platform uses [`Rs256`](Self::Rs256); the others are for attacks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signing {
    /// RSASSA-PKCS1-v1_5 with SHA-256 and the mint's key.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384 and the mint's key.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512 and the mint's key.
    Rs512,
    /// RSASSA-PSS with SHA-256 and the mint's key.
    Ps256,
    /// ECDSA on P-256 with a key made for this token.
    Es256,
    /// Ed25519 with a key made for this token.
    EdDsa,
    /// HMAC with SHA-256 and these bytes: the attack that takes a public key for the secret.
    Hs256(Vec<u8>),
    /// No signature at all.
    Nothing,
}

impl Signing {
    /// Its name as the header's `alg`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Hs256(_) => "HS256",
            Self::Nothing => "none",
        }
    }

    pub(super) fn sign(&self, key: &SigningKey, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rs256 => rsa(&sign::RSA_PKCS1_SHA256, key, message),
            Self::Rs384 => rsa(&sign::RSA_PKCS1_SHA384, key, message),
            Self::Rs512 => rsa(&sign::RSA_PKCS1_SHA512, key, message),
            Self::Ps256 => rsa(&sign::RSA_PSS_SHA256, key, message),
            Self::Es256 => elliptic(message),
            Self::EdDsa => edwards(message),
            Self::Hs256(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&key, message).as_ref().to_vec()
            }
            Self::Nothing => Vec::new(),
        }
    }
}

#[expect(clippy::expect_used, reason = "a test without a signature can only fail")]
fn rsa(encoding: &'static dyn RsaEncoding, key: &SigningKey, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.pair.public_modulus_len()];
    let random = SystemRandom::new();
    let signed = key.pair.sign(encoding, &random, message, &mut signature);
    signed.expect("a key of 2048 bits signs");
    signature
}

#[expect(clippy::expect_used, reason = "a test without a signature can only fail")]
fn elliptic(message: &[u8]) -> Vec<u8> {
    let key =
        EcdsaKeyPair::generate(&sign::ECDSA_P256_SHA256_FIXED_SIGNING).expect("the system gives randomness");
    let signature = key.sign(&SystemRandom::new(), message).expect("a key signs");
    signature.as_ref().to_vec()
}

#[expect(clippy::expect_used, reason = "a test without a signature can only fail")]
fn edwards(message: &[u8]) -> Vec<u8> {
    let key = Ed25519KeyPair::generate().expect("the system gives randomness");
    key.sign(message).as_ref().to_vec()
}
