//! The compact form (RFC 7515 section 7.1): header, claims, signature.

use super::{Refusal, claims::Claims, header};
use crate::keys::Key;

/// How long a token may be. Measured before anything else: decoding costs time in proportion, even of what is refused.
pub(crate) const TOKEN_BYTES: usize = 8192;

/// A token with a header that we accept. Nothing of it is verified yet.
pub(crate) struct Token<'a> {
    kid: String,
    claims: &'a str,
    /// What is signed: header and claims as they were sent.
    message: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, Refusal> {
        if text.len() > TOKEN_BYTES {
            return Err(Refusal::TooLong);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(Refusal::Segments)?;
        let (header, claims) = message.split_once('.').ok_or(Refusal::Segments)?;
        if claims.contains('.') {
            return Err(Refusal::Segments);
        }
        Ok(Self {
            kid: header::kid(header)?,
            claims,
            message,
            signature,
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn claims(&self) -> Result<Claims, Refusal> {
        Claims::read(self.claims)
    }

    /// Whether the key made the signature, with the key's own algorithm whatever the token would like.
    pub(crate) fn signed_by(&self, key: &Key) -> bool {
        key.made(self.signature, self.message.as_bytes())
    }
}
