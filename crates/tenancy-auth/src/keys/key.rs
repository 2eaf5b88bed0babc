//! One key, and the one algorithm that it is for.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};

/// Which keys of a server's answer are taken; all others are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accept {
    /// RSA keys for RS256: ID tokens and session cookies.
    IdentityPlatform,
    /// P-256 keys for ES256 and Ed25519 keys for EdDSA: service tokens.
    Services,
}

impl fmt::Display for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdentityPlatform => "RSA key of 2048 bits or more for RS256 signatures",
            Self::Services => "P-256 key for ES256 signatures and no Ed25519 key for EdDSA signatures",
        })
    }
}

/// A public key, ready for use, and its algorithm. A token never chooses: what a key is published for, it is used for.
pub(crate) struct Key {
    key: DecodingKey,
    algorithm: Algorithm,
}

impl Key {
    pub(super) fn new(key: DecodingKey, algorithm: Algorithm) -> Self {
        Self { key, algorithm }
    }

    /// What the key is for. A token's `alg` must be the same.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether the key made the signature (base64url, without padding) over the message.
    pub(crate) fn made(&self, signature: &str, message: &[u8]) -> bool {
        jsonwebtoken::crypto::verify(signature, message, &self.key, self.algorithm).unwrap_or(false)
    }

    /// Whether both are one key for one algorithm.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let same = match (self.key.kind(), other.key.kind()) {
            (DecodingKeyKind::SecretOrDer(one), DecodingKeyKind::SecretOrDer(two)) => one == two,
            (
                DecodingKeyKind::RsaModulusExponent { n: one, e },
                DecodingKeyKind::RsaModulusExponent { n: two, e: f },
            ) => one == two && e == f,
            _ => false,
        };
        same && self.algorithm == other.algorithm
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_are_one_when_all_of_both_is_the_same() {
        let rsa = |n: u8, e: u8| Key::new(DecodingKey::from_rsa_raw_components(&[n], &[e]), Algorithm::RS256);
        let edwards = |x: u8| Key::new(DecodingKey::from_ed_der(&[x; 32]), Algorithm::EdDSA);
        let elliptic = |x: u8| Key::new(DecodingKey::from_ec_der(&[x; 32]), Algorithm::ES256);
        for (one, other, same) in [
            (rsa(1, 3), rsa(1, 3), true),
            (rsa(1, 3), rsa(2, 3), false),
            (rsa(1, 3), rsa(1, 5), false),
            (edwards(1), edwards(1), true),
            (edwards(1), edwards(2), false),
            (elliptic(1), elliptic(1), true),
            (elliptic(1), edwards(1), false),
            (rsa(1, 3), edwards(1), false),
        ] {
            assert_eq!(one.is(&other), same, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_key_that_is_none_made_nothing() {
        crate::install_crypto();
        let key = Key::new(DecodingKey::from_ed_der(&[1; 31]), Algorithm::EdDSA);
        assert!(!key.made("AA", b"message"));
    }
}
