//! The header (RFC 7515 section 4): which key, and nothing else that the token may choose.

use serde::Deserialize;

use super::{
    Refusal,
    object::{present, read},
};

/// How long a `kid` may be.
pub(crate) const KID_BYTES: usize = 128;

const MEMBERS: [&str; 4] = ["alg", "typ", "kid", "crit"];

/// Members that point to a key or carry one (`jku`, `jwk`, `x5u`, `x5c`) are not even read.
#[derive(Deserialize)]
struct Raw {
    alg: Option<String>,
    typ: Option<String>,
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// Reads and checks the header; gives the `kid`.
pub(super) fn kid(segment: &str) -> Result<String, Refusal> {
    let raw: Raw = read(segment, "header", &MEMBERS)?;
    if raw.alg.as_deref() != Some("RS256") {
        return Err(Refusal::header("alg", "is not RS256"));
    }
    if raw.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
        return Err(Refusal::header("typ", "is not JWT"));
    }
    // RFC 7515 section 4.1.11: what is critical must be understood, and we understand no extension
    if raw.crit {
        return Err(Refusal::header("crit", "is present"));
    }
    let kid = raw.kid.ok_or(Refusal::header("kid", "is missing"))?;
    match kid.len() {
        0 => Err(Refusal::header("kid", "is empty")),
        1..=KID_BYTES => Ok(kid),
        _ => Err(Refusal::header("kid", "is longer than 128 bytes")),
    }
}
