//! References to secrets: configuration names where a secret is, never the secret.

use std::{fmt, path::PathBuf, str::FromStr};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Where a secret is: `file:/path` or `env:NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretRef {
    /// The content of a file, without its trailing line break.
    File(PathBuf),
    /// The value of an environment variable.
    Env(String),
}

/// Why a secret can't be had. Never holds the text that was given: it may be a secret in the wrong place.
#[derive(Debug, thiserror::Error)]
pub enum SecretRefError {
    /// No reference.
    #[error("it must be a reference, `file:/path` or `env:NAME`, and never the secret itself")]
    NotAReference,
    /// The file can't be read.
    #[error("the file `{0}` can't be read: {1}")]
    File(PathBuf, std::io::ErrorKind),
    /// The variable is not set.
    #[error("the environment variable `{0}` is not set")]
    Env(String),
    /// Nothing in it.
    #[error("`{0}` is empty")]
    Empty(SecretRef),
}

impl SecretRef {
    /// Reads the secret, afresh each time, so that a rotated one is seen.
    ///
    /// # Errors
    ///
    /// When the file or the variable can't be read, or is empty.
    pub fn reveal(&self) -> Result<SecretString, SecretRefError> {
        let text = match self {
            Self::File(path) => {
                std::fs::read_to_string(path).map_err(|e| SecretRefError::File(path.clone(), e.kind()))?
            }
            Self::Env(name) => std::env::var(name).map_err(|_| SecretRefError::Env(name.clone()))?,
        };
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(SecretRefError::Empty(self.clone()));
        }
        Ok(SecretString::from(text))
    }
}

impl FromStr for SecretRef {
    type Err = SecretRefError;

    fn from_str(text: &str) -> Result<Self, SecretRefError> {
        match text.split_once(':') {
            Some(("file", path)) if path.starts_with('/') && !path.starts_with("//") => {
                Ok(Self::File(path.into()))
            }
            Some(("env", name)) if is_variable(name) => Ok(Self::Env(name.to_owned())),
            _ => Err(SecretRefError::NotAReference),
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl TryFrom<String> for SecretRef {
    type Error = SecretRefError;

    fn try_from(text: String) -> Result<Self, SecretRefError> {
        text.parse()
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Env(name) => write!(f, "env:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_wrong_place_is_refused_and_not_repeated() {
        for text in [
            "postgres://app:hunter2@db/core",
            "hunter2",
            "file:relative",
            "env:NO SPACE",
            "env:",
            "file:",
        ] {
            let error = text.parse::<SecretRef>().unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert!(error.to_string().contains("file:/path"));
        }
    }

    #[test]
    fn a_file_that_can_not_be_read_is_named_with_the_reason() {
        let missing = "file:/nowhere/secret".parse::<SecretRef>().unwrap();
        let error = missing.reveal().unwrap_err().to_string();
        assert_eq!(
            error,
            "the file `/nowhere/secret` can't be read: entity not found"
        );
    }

    #[test]
    fn references_round_trip() {
        for text in ["file:/run/secrets/core", "env:CORE_URL"] {
            assert_eq!(text.parse::<SecretRef>().unwrap().to_string(), text);
        }
    }
}
