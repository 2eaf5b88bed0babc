//! An envelope as it lies in a queue.

use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::proof::ProofKind;

/// Whose job it is, who asked for it, and for which payload: one signed text, to be queued beside the payload.
///
/// It opens no store. [`JobOpener`](super::JobOpener) verifies it, and the resolver makes a context of what it proves, as of
/// the time when the job is done.
///
/// # A queue is protected like a store of sessions
///
/// An envelope of a user's holds that user's own token. Until the token ends (an hour at most), who reads the queue can call services as that
/// user; afterwards the envelope still proves the user to the one worker, for the one payload. So the queue needs encryption, access for
/// its services only, and no copy in logs. `Debug` shows nothing, and the text is erased from memory with the value.
#[derive(Clone)]
pub struct TenantEnvelope(SecretString);

/// A text that is too long for an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an envelope has at most 16384 bytes")]
pub struct EnvelopeTooLong;

impl TenantEnvelope {
    /// The text, for the queue and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for TenantEnvelope {
    type Err = EnvelopeTooLong;

    /// Takes any text that is short enough: what it proves is the opener's to find out.
    fn from_str(text: &str) -> Result<Self, EnvelopeTooLong> {
        if text.len() > ProofKind::Job.most_bytes() {
            return Err(EnvelopeTooLong);
        }
        Ok(Self(text.into()))
    }
}

impl Serialize for TenantEnvelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for TenantEnvelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl fmt::Debug for TenantEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantEnvelope(…)")
    }
}
