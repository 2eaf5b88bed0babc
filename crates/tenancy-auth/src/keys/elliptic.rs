//! P-256 keys for ES256 (RFC 7518 section 6.2) and Ed25519 keys for EdDSA (RFC 8037 section 2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::{Key, jwks::Jwk};

/// The key, when it is one of a curve that we use, published for its one algorithm.
pub(super) fn key(jwk: &Jwk) -> Option<Key> {
    let kind = [&jwk.kty, &jwk.crv, &jwk.alg].map(|member| member.as_deref().unwrap_or_default());
    let x = coordinate(jwk.x.as_deref()?)?;
    match kind {
        ["EC", "P-256", "ES256"] => {
            let y = coordinate(jwk.y.as_deref()?)?;
            // the uncompressed point of SEC 1
            let point = [&[4][..], &x, &y].concat();
            Some(Key::new(DecodingKey::from_ec_der(&point), Algorithm::ES256))
        }
        ["OKP", "Ed25519", "EdDSA"] => Some(Key::new(DecodingKey::from_ed_der(&x), Algorithm::EdDSA)),
        _ => None,
    }
}

/// 32 bytes, as both curves have them; leading zeros stay.
fn coordinate(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::keys::{Accept, jwks::parse};

    fn p256() -> Value {
        let half = URL_SAFE_NO_PAD.encode([7; 32]);
        json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "p", "x": half, "y": half })
    }

    fn ed25519() -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "e", "x": URL_SAFE_NO_PAD.encode([7; 32]) })
    }

    fn check(mut key: Value, member: &str, value: Value, expect: Option<Algorithm>) {
        key[member] = value;
        let keys = parse(json!({ "keys": [key] }).to_string().as_bytes(), Accept::Services);
        let algorithm = keys.ok().and_then(|keys| Some(keys.values().next()?.algorithm()));
        assert_eq!(algorithm, expect, "{key}");
    }

    #[test]
    fn only_keys_of_two_curves_for_their_one_algorithm_are_taken() {
        let short = URL_SAFE_NO_PAD.encode([7; 31]);
        check(p256(), "kid", json!("k"), Some(Algorithm::ES256));
        check(ed25519(), "kid", json!("k"), Some(Algorithm::EdDSA));
        for key in [p256(), ed25519()] {
            check(key.clone(), "kty", json!("RSA"), None);
            check(key.clone(), "crv", json!("P-384"), None);
            check(key.clone(), "crv", json!("Ed448"), None);
            check(key.clone(), "alg", json!("ES384"), None);
            check(key.clone(), "alg", json!("RS256"), None);
            check(key.clone(), "alg", Value::Null, None);
            check(key.clone(), "use", json!("enc"), None);
            check(key.clone(), "use", Value::Null, None);
            check(key.clone(), "x", Value::Null, None);
            check(key.clone(), "x", json!(short), None);
        }
        check(p256(), "alg", json!("EdDSA"), None);
        check(p256(), "y", Value::Null, None);
        check(p256(), "y", json!(short), None);
        check(ed25519(), "crv", json!("P-256"), None);
    }

    #[test]
    fn each_side_takes_its_own_kind_only() {
        let both = json!({ "keys": [p256(), ed25519()] }).to_string();
        assert_eq!(parse(both.as_bytes(), Accept::Services).unwrap().len(), 2);
        assert!(parse(both.as_bytes(), Accept::IdentityPlatform).is_err());
    }
}
