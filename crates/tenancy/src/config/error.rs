//! Why a configuration is refused.

use std::path::PathBuf;

/// Why a configuration is refused. Names the key and the remedy, and never repeats what could be a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file can't be read.
    #[error("the configuration file `{path}` can't be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("the configuration file `{path}` is no TOML, at line {line}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A key that does not exist, is missing, or has a wrong value.
    #[error("`{key}`: {problem}")]
    Key {
        /// The key, with its section.
        key: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
}

impl ConfigError {
    pub(crate) fn key(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Key {
            key: key.into(),
            problem: problem.into(),
        }
    }
}
