//! RSA keys for RS256 (RFC 7518 section 6.3).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::{Key, jwks::Jwk};

/// RSA keys of fewer bits are refused (RFC 7518 section 3.3); of more, the library can't use.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// A small exponent makes sloppy padding forgeable, and 1 makes every signature valid.
const LEAST_EXPONENT: u64 = 65_537;

/// The key, when it is a strong one for RS256.
pub(super) fn key(jwk: &Jwk) -> Option<Key> {
    if !(jwk.kty.as_deref() == Some("RSA") && jwk.alg.as_deref() == Some("RS256")) {
        return None;
    }
    let modulus = number(jwk.n.as_deref()?)?;
    let exponent = number(jwk.e.as_deref()?)?;
    let strong = MODULUS_BITS.contains(&bits(&modulus)) && small(&exponent)? >= LEAST_EXPONENT;
    strong.then(|| {
        let key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
        Key::new(key, Algorithm::RS256)
    })
}

/// An odd number, big-endian, without leading zeros.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let number: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    let odd = number.last().is_some_and(|byte| byte % 2 == 1);
    odd.then_some(number)
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros());
    (number.len() * 8).saturating_sub(unused as usize)
}

/// A number of at most four bytes, as the library takes exponents.
fn small(number: &[u8]) -> Option<u64> {
    let short = number.len() <= 4;
    short.then(|| number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}
