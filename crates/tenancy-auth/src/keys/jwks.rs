//! A set of keys as a server writes it (RFC 7517), into the ones that we trust.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Accept, Key, elliptic, rsa};
use crate::token::{KID_BYTES, Object};

/// Why a document is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum JwksError {
    #[error("its answer is no JSON Web Key Set")]
    Shape,
    #[error("its answer has two keys of one `kid`")]
    Duplicate,
    #[error("its answer has no {0}")]
    Empty(Accept),
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Object<Jwk>>,
}

#[derive(Deserialize)]
pub(super) struct Jwk {
    pub(super) kty: Option<String>,
    r#use: Option<String>,
    pub(super) alg: Option<String>,
    kid: Option<String>,
    pub(super) crv: Option<String>,
    pub(super) n: Option<String>,
    pub(super) e: Option<String>,
    pub(super) x: Option<String>,
    pub(super) y: Option<String>,
}

/// The keys of a document by `kid`. Keys of other kinds are left out: a set may hold some for other uses.
pub(super) fn parse(document: &[u8], accept: Accept) -> Result<HashMap<Box<str>, Key>, JwksError> {
    let jwks: Object<Jwks> = serde_json::from_slice(document).map_err(|_| JwksError::Shape)?;
    let mut keys = HashMap::new();
    for Object(jwk) in jwks.0.keys {
        if let Some((kid, key)) = usable(jwk, accept)
            && keys.insert(kid, key).is_some()
        {
            return Err(JwksError::Duplicate);
        }
    }
    if keys.is_empty() {
        Err(JwksError::Empty(accept))
    } else {
        Ok(keys)
    }
}

/// The keys of a document that configuration holds.
pub(crate) fn fixed(document: &[u8], accept: Accept) -> Option<HashMap<Box<str>, Key>> {
    parse(document, accept).ok()
}

/// Reads a document as each side does, and asks each key for a signature that nobody made.
#[cfg(fuzzing)]
pub(crate) fn fuzz(document: &[u8]) {
    for accept in [Accept::IdentityPlatform, Accept::Services] {
        let keys = parse(document, accept).unwrap_or_default();
        assert!(keys.keys().all(|kid| (1..=KID_BYTES).contains(&kid.len())));
        assert!(!keys.values().any(|key| key.made("AA", b"message")));
    }
}

fn usable(mut jwk: Jwk, accept: Accept) -> Option<(Box<str>, Key)> {
    let kid = jwk
        .kid
        .take()
        .filter(|kid| (1..=KID_BYTES).contains(&kid.len()))?;
    if jwk.r#use.as_deref() != Some("sig") {
        return None;
    }
    let key = match accept {
        Accept::IdentityPlatform => rsa::key(&jwk)?,
        Accept::Services => elliptic::key(&jwk)?,
    };
    Some((kid.into(), key))
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;

    /// A key that is taken, with one member changed.
    fn key(member: &str, value: Value) -> Value {
        let mut modulus = [0xab; 256];
        modulus[255] = 1;
        let mut key = json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k", "e": "AQAB",
            "n": URL_SAFE_NO_PAD.encode(modulus),
        });
        key[member] = value;
        key
    }

    fn check(document: &Value, expect: Result<usize, JwksError>) {
        let keys = parse(document.to_string().as_bytes(), Accept::IdentityPlatform).map(|keys| keys.len());
        assert_eq!(keys, expect, "{document}");
    }

    fn check_member(member: &str, value: Value, taken: bool) {
        let expect = if taken {
            Ok(1)
        } else {
            Err(JwksError::Empty(Accept::IdentityPlatform))
        };
        check(&json!({ "keys": [key(member, value)] }), expect);
    }

    fn modulus(bytes: usize, first: u8, last: u8) -> Value {
        let mut modulus = vec![0xab; bytes];
        modulus[0] = first;
        modulus[bytes - 1] = last;
        URL_SAFE_NO_PAD.encode(modulus).into()
    }

    #[test]
    fn only_strong_rsa_keys_for_rs256_signatures_are_taken() {
        check_member("x5c", json!(["AA=="]), true);
        check_member("kty", json!("EC"), false);
        check_member("kty", json!("oct"), false);
        check_member("alg", json!("RS512"), false);
        check_member("alg", json!("PS256"), false);
        check_member("alg", json!("HS256"), false);
        check_member("alg", Value::Null, false);
        check_member("use", json!("enc"), false);
        check_member("use", Value::Null, false);
        check_member("kid", json!(""), false);
        check_member("kid", Value::Null, false);
        check_member("kid", json!("k".repeat(128)), true);
        check_member("kid", json!("k".repeat(129)), false);
    }

    #[test]
    fn weak_numbers_are_refused() {
        check_member("n", modulus(256, 0x80, 1), true);
        check_member("n", modulus(257, 0, 1), true);
        check_member("n", modulus(257, 1, 1), true);
        check_member("n", modulus(256, 0x7f, 1), false);
        check_member("n", modulus(255, 0xff, 1), false);
        check_member("n", modulus(128, 0xff, 1), false);
        check_member("n", modulus(256, 0x80, 2), false);
        check_member("n", modulus(1024, 0xff, 1), true);
        check_member("n", modulus(1025, 0xff, 1), false);
        check_member("n", json!(""), false);
        check_member("n", json!("not base64!"), false);
        check_member("e", json!("AQAB"), true);
        check_member("e", json!("AAEAAQ"), true);
        check_member("e", json!("AQ"), false);
        check_member("e", json!("Aw"), false);
        check_member("e", json!("AQAA"), false);
        check_member("e", json!("AQAAAAE"), false);
        check_member("e", json!(""), false);
        check_member("e", json!("AA"), false);
    }

    fn broken(document: &[u8]) -> JwksError {
        parse(document, Accept::IdentityPlatform).unwrap_err()
    }

    #[test]
    fn a_document_is_one_object_with_unambiguous_keys() {
        let (one, two) = (key("kid", json!("1")), key("kid", json!("2")));
        let elliptic = json!({ "kty": "EC", "crv": "P-256", "kid": "3", "alg": "ES256", "use": "sig" });
        check(&json!({ "keys": [one, two] }), Ok(2));
        check(&json!({ "keys": [one, elliptic] }), Ok(1));
        check(&json!({ "keys": [one, one] }), Err(JwksError::Duplicate));
        check(
            &json!({ "keys": [elliptic] }),
            Err(JwksError::Empty(Accept::IdentityPlatform)),
        );
        check(
            &json!({ "keys": [] }),
            Err(JwksError::Empty(Accept::IdentityPlatform)),
        );
        check(&json!({ "keys": {} }), Err(JwksError::Shape));
        check(
            &json!({ "keys": [["RSA", "sig", "RS256", "1", "AQAB", "AQAB"]] }),
            Err(JwksError::Shape),
        );
        check(&json!({ "keys": [key("n", json!(1))] }), Err(JwksError::Shape));
        check(&json!([[one]]), Err(JwksError::Shape));
        check(&json!({}), Err(JwksError::Shape));
        check(&json!(null), Err(JwksError::Shape));
        assert_eq!(broken(b"<html>"), JwksError::Shape);
        assert_eq!(broken(b""), JwksError::Shape);
        assert_eq!(broken(b"{\"keys\":[],\"keys\":[]}"), JwksError::Shape);
    }
}
