//! Why there is no PostgreSQL.

use std::{io, path::PathBuf};

/// Why there is no PostgreSQL, or no database in it.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No server on this machine; says how to get one.
    #[error("{0}")]
    Missing(String),
    /// An install did not work.
    #[error("`{command}` did not install PostgreSQL: {output}")]
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
    #[error("PostgreSQL of `{bin}` {why}; its log ends with:\n{log}")]
    Start {
        /// Where its binaries are.
        bin: PathBuf,
        /// What happened.
        why: &'static str,
        /// The end of its log.
        log: String,
    },
    /// A name that this kit would have to quote.
    #[error(
        "`{0}` is no name for a database or role here: 1 to 63 characters of a-z, 0-9, _ and -, a letter first"
    )]
    Name(String),
    /// The server refused a statement.
    #[error("PostgreSQL refused to {0}")]
    Sql(String, #[source] sqlx::Error),
    /// The server took too long for a statement.
    #[error("PostgreSQL did not {0} in time")]
    Slow(String),
}

/// Says what was being done when the operating system refused.
pub(super) trait While<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, PostgresError>;
}

impl<T> While<T> for io::Result<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, PostgresError> {
        self.map_err(|error| PostgresError::Io(what(), error))
    }
}
