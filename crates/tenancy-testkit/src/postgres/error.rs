//! Why there is no PostgreSQL.

use crate::machine::ServerError;

/// Why there is no PostgreSQL, or no database in it.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// There is no server.
    #[error(transparent)]
    Server(#[from] ServerError),
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
