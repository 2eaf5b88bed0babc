//! A signed file, written whole or not at all.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::content::Content;
use crate::{SecretRef, SecretRefError};

/// The first line. Another version is another file.
const HEAD: &str = "tenancy last-known 1";
const MAC_DIGITS: usize = 64;
const SHORTEST_KEY: usize = 32;
/// The largest file that is written or read: some 100,000 tenants.
const LARGEST: u64 = 256 << 20;

/// Why the last known answers can't be kept in a file.
#[derive(Debug, thiserror::Error)]
pub enum LastKnownError {
    /// The key can't be read.
    #[error(transparent)]
    Key(#[from] SecretRefError),
    /// The key is easily guessed.
    #[error("`{0}` must be at least 32 bytes of randomness")]
    Short(SecretRef),
}

/// Where the file is, what signs it, and for which deployment.
pub(super) struct File {
    path: PathBuf,
    key: SecretString,
    scope: String,
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("it can't be read: {0}")]
    Io(io::ErrorKind),
    #[error("it is larger than 256 MiB")]
    Large,
    #[error("it is of another version")]
    Version,
    #[error("its signature is wrong: it was altered, or is another deployment's")]
    Signature,
    #[error("its content is of another version")]
    Content,
}

impl File {
    pub(super) fn new(path: PathBuf, key: &SecretRef, scope: String) -> Result<Self, LastKnownError> {
        let secret = key.reveal()?;
        if secret.expose_secret().len() < SHORTEST_KEY {
            return Err(LastKnownError::Short(key.clone()));
        }
        Ok(Self {
            path,
            key: secret,
            scope,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What stands in it, or `None` when there is no such file.
    pub(super) fn read(&self) -> Result<Option<Content>, Refused> {
        let file = match fs::File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|e| Refused::Io(e.kind()))?,
        };
        let mut bytes = Vec::new();
        let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
        if read.map_err(|e| Refused::Io(e.kind()))? as u64 > LARGEST {
            return Err(Refused::Large);
        }
        self.open(&bytes).map(Some)
    }

    pub(super) fn write(&self, content: &Content) -> io::Result<()> {
        let bytes = self.seal(&serde_json::to_vec(content)?);
        if bytes.len() as u64 > LARGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let beside = self.path.with_added_extension("new");
        // what a crash left would keep its mode
        let _ = fs::remove_file(&beside);
        let mut file = private().open(&beside)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)
    }

    fn open(&self, bytes: &[u8]) -> Result<Content, Refused> {
        let rest = bytes.strip_prefix(HEAD.as_bytes()).ok_or(Refused::Version)?;
        let rest = rest.strip_prefix(b"\n").ok_or(Refused::Version)?;
        let (digits, body) = rest.split_at_checked(MAC_DIGITS).ok_or(Refused::Signature)?;
        let body = body.strip_prefix(b"\n").ok_or(Refused::Signature)?;
        let mac = unhex(digits).ok_or(Refused::Signature)?;
        self.mac(body)
            .verify_slice(&mac)
            .map_err(|_| Refused::Signature)?;
        serde_json::from_slice(body).map_err(|_| Refused::Content)
    }

    fn seal(&self, body: &[u8]) -> Vec<u8> {
        let mac = self.mac(body).finalize().into_bytes();
        let mut text = format!("{HEAD}\n");
        for byte in mac {
            text.push_str(&format!("{byte:02x}"));
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }

    /// Over the version, the deployment and the body, each told apart by its length.
    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        let key = self.key.expose_secret().as_bytes();
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
        for part in [HEAD.as_bytes(), self.scope.as_bytes(), body] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

/// A new file that its owner alone reads.
fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        (byte as char)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let pair = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(scope: &str, key: &str) -> File {
        File {
            path: PathBuf::new(),
            key: key.repeat(8).into(),
            scope: scope.to_owned(),
        }
    }

    fn check(writer: (&str, &str), reader: (&str, &str), alter: fn(&mut Vec<u8>), expect: Option<&str>) {
        let mut bytes = file(writer.0, writer.1).seal(b"{\"tenants\":[],\"members\":[]}");
        alter(&mut bytes);
        let refused = file(reader.0, reader.1).open(&bytes).err();
        assert_eq!(refused.map(|e| format!("{e:?}")).as_deref(), expect);
    }

    #[test]
    fn only_what_this_deployment_signed_is_read() {
        let ours = ("shared@registry", "key1");
        check(ours, ours, |_| {}, None);
        check(ours, ("pinned@registry", "key1"), |_| {}, Some("Signature"));
        check(ours, ("shared@registry", "key2"), |_| {}, Some("Signature"));
        check(
            ours,
            ours,
            |bytes| *bytes.last_mut().unwrap() = b' ',
            Some("Signature"),
        );
        check(ours, ours, |bytes| bytes.truncate(40), Some("Signature"));
        check(ours, ours, |bytes| bytes[HEAD.len() + 3] ^= 1, Some("Signature"));
        check(ours, ours, |bytes| bytes[HEAD.len() - 1] = b'2', Some("Version"));
        check(ours, ours, Vec::clear, Some("Version"));
    }
}
