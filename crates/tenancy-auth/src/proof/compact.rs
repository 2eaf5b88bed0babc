//! The compact form (RFC 7515 section 7.1) of a proof.

use jsonwebtoken::Algorithm;
use serde::{Deserialize, de::DeserializeOwned};

use super::ProofKind;
use crate::{
    keys::Key,
    token::{self, KID_BYTES, Refusal},
};

const MEMBERS: [&str; 3] = ["alg", "typ", "kid"];

/// What is not known is refused: it could be meant as a restriction, or point to a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// A proof with a header that we accept. Nothing of it is verified yet.
pub(crate) struct Proof<'a> {
    algorithm: Algorithm,
    kid: String,
    claims: &'a str,
    /// What is signed: header and claims as they were sent.
    message: &'a str,
    signature: &'a str,
}

impl<'a> Proof<'a> {
    /// Takes a text apart that has to be a proof of this kind.
    pub(crate) fn parse(text: &'a str, kind: ProofKind) -> Result<Self, Refusal> {
        if text.len() > kind.most_bytes() {
            return Err(Refusal::ProofTooLong);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(Refusal::Segments)?;
        let (header, claims) = message.split_once('.').ok_or(Refusal::Segments)?;
        if claims.contains('.') {
            return Err(Refusal::Segments);
        }
        let header: Header = token::read(header, "header", &MEMBERS)?;
        let algorithm = match header.alg.as_str() {
            "ES256" => Algorithm::ES256,
            "EdDSA" => Algorithm::EdDSA,
            _ => return Err(Refusal::header("alg", "is neither ES256 nor EdDSA")),
        };
        if header.typ != kind.typ() {
            return Err(Refusal::header("typ", "is another"));
        }
        if !(1..=KID_BYTES).contains(&header.kid.len()) {
            return Err(Refusal::header("kid", "is not 1 to 128 bytes"));
        }
        Ok(Self {
            algorithm,
            kid: header.kid,
            claims,
            message,
            signature,
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The claims: a struct that refuses what it does not know.
    pub(crate) fn claims<C: DeserializeOwned>(&self, members: &[&'static str]) -> Result<C, Refusal> {
        token::read(self.claims, "claims", members)
    }

    /// Whether the key made the signature, with the one algorithm that it is published for.
    pub(crate) fn check(&self, key: &Key) -> Result<(), Refusal> {
        if key.algorithm() != self.algorithm {
            return Err(Refusal::header("alg", "is not the key's"));
        }
        if key.made(self.signature, self.message.as_bytes()) {
            Ok(())
        } else {
            Err(Refusal::Signature)
        }
    }
}
