//! Why a configuration is refused.

use std::path::{Path, PathBuf};

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
    #[error("the configuration file `{path}` is no TOML, at line {line}: {problem}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there, without the text that stands there.
        problem: String,
    },
    /// A key that does not exist, is missing, or has a wrong value.
    #[error("`{key}`{}: {problem}", within(.file.as_deref()))]
    Key {
        /// The file, when it is another than the configuration's own.
        file: Option<PathBuf>,
        /// The key, with its section.
        key: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
}

impl ConfigError {
    pub(crate) fn key(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Key {
            file: None,
            key: key.into(),
            problem: problem.into(),
        }
    }

    /// The same, of a key in another file.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        match self {
            Self::Key { key, problem, .. } => Self::Key {
                file: Some(path.to_owned()),
                key,
                problem,
            },
            other => other,
        }
    }
}

fn within(file: Option<&Path>) -> String {
    file.map_or_else(String::new, |file| format!(" in `{}`", file.display()))
}
