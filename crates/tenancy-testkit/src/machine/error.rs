//! Why a server is not there.

use std::{io, path::PathBuf};

/// Why a server that a test needs is not there.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No such server on this machine; says how to get one.
    #[error("{0}")]
    Missing(String),
    /// An install did not work.
    #[error("`{command}` did not install it: {output}")]
    Install {
        /// What was run.
        command: String,
        /// The end of what it said.
        output: String,
    },
    /// A folder or a process can't be made.
    #[error("can't {0}")]
    Io(String, #[source] io::Error),
    /// The server does not start.
    #[error("the server of `{bin}` {why}; its log ends with:\n{log}")]
    Start {
        /// Where its binaries are.
        bin: PathBuf,
        /// What happened.
        why: &'static str,
        /// The end of its log.
        log: String,
    },
}

/// Says what was being done when the operating system refused.
pub(crate) trait While<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, ServerError>;
}

impl<T> While<T> for io::Result<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, ServerError> {
        self.map_err(|error| ServerError::Io(what(), error))
    }
}
