//! The key that a seal is proven with.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use sha2::{Digest, Sha256};
use tenancy_core::{SecretRef, TenantId};

use super::SealError;

/// The block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// A key that proves to a database which tenant a session is for. Shown nowhere.
pub struct SealKey {
    /// The key as HMAC takes it, filled up to a block.
    block: Zeroizing<[u8; BLOCK]>,
    id: String,
}

impl SealKey {
    /// The key of a text of at least 32 characters, such as `openssl rand -base64 32` prints.
    ///
    /// # Errors
    ///
    /// [`SealError::WeakKey`] for a text that can't be one.
    pub fn new(text: &SecretString) -> Result<Self, SealError> {
        let bytes = text.expose_secret().as_bytes();
        let changes = bytes.iter().zip(bytes.iter().skip(1)).filter(|(a, b)| a != b);
        if bytes.len() < 32 || changes.count() < 16 {
            return Err(SealError::WeakKey);
        }
        let mut block = Zeroizing::new([0; BLOCK]);
        if bytes.len() > BLOCK {
            fill(&mut block, &Sha256::digest(bytes));
        } else {
            fill(&mut block, bytes);
        }
        let name = Sha256::new()
            .chain_update(b"tenancy-seal-key-id|")
            .chain_update(bytes);
        Ok(Self {
            block,
            id: hex(name.finalize().get(..8).unwrap_or_default()),
        })
    }

    pub(crate) fn read(from: &SecretRef) -> Result<Self, SealError> {
        Self::new(&from.reveal().map_err(SealError::Unreadable)?)
    }

    /// Which key it is: tells it from others, and nothing of it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The block with each byte changed by `with`, as hexadecimal digits: what a database stores.
    pub(super) fn pad(&self, with: u8) -> Zeroizing<String> {
        let pad = Zeroizing::new(self.block.map(|byte| byte ^ with));
        Zeroizing::new(hex(pad.as_slice()))
    }

    /// The proof that a session is `tenant`'s for one turn, as hexadecimal digits.
    pub(super) fn prove(&self, backend: i32, challenge: i64, turn: i64, tenant: TenantId) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.block.as_slice()).expect("HMAC takes any key");
        mac.update(format!("tenancy-seal-1|{backend}|{challenge}|{turn}|{tenant}").as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

fn fill(block: &mut [u8; BLOCK], bytes: &[u8]) {
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = *from;
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // the formatter of a String does not fail
            let _ = write!(text, "{byte:02x}");
            text
        })
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_can_be_guessed_is_none() {
        for (text, strong) in [
            ("short".to_owned(), false),
            ("0".repeat(64), false),
            ("0123456789abcdef".repeat(2), true),
            ("0123456789abcdef".repeat(9), true),
        ] {
            assert_eq!(SealKey::new(&text.clone().into()).is_ok(), strong, "{text}");
        }
    }

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let text = "0123456789abcdef".repeat(2);
        let key = SealKey::new(&text.into()).unwrap();
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("SealKey {{ id: \"{}\", .. }}", key.id()));
    }
}
