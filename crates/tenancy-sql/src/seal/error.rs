//! What can go wrong with a seal.

use tenancy_core::SecretRefError;

/// Why a key is none, or can't be installed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Guessable, or cut off.
    #[error("a key of a seal has at least 32 characters, of which at least 16 differ from the one before")]
    WeakKey,
    /// It is not where its reference says.
    #[error("the key of the seal can't be read")]
    Unreadable(#[source] SecretRefError),
    /// The owner of the functions makes the objects that hold what is sealed.
    #[error("the owner makes no temporary objects: `GRANT TEMPORARY ON DATABASE {0} TO {1}`")]
    OwnerWithoutTemporary(String, String),
    /// A key that others read proves nothing.
    #[error("`{0}` has rights on `tenancy.seal_key`: revoke them, and install another key")]
    KeyIsReadable(String),
    /// The last key is held by all who serve.
    #[error("it is the only key: install the next one first, or `uninstall` the seal")]
    LastKey,
    /// The seal is enforced.
    #[error("the seal is enforced: `relax` it, and deploy services without it, first")]
    Enforced,
    /// There is none.
    #[error("the seal is not installed: `install` a key first")]
    NotInstalled,
    /// The server refused, or the connection broke.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
}

/// Why a connection can't be sealed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// The key is not where its reference says, or is none.
    #[error("the key of the seal is no use")]
    Key(#[source] SealError),
    /// The session lost its seal, or the key is not installed.
    #[error(
        "the database refuses the seal: its key is not installed, or SQL of a tenant destroyed the session's"
    )]
    Session(#[source] sqlx::Error),
}

/// What a database says of a seal that does not hold, or is not there: our own, `undefined_table`, `undefined_function`,
/// `object_not_in_prerequisite_state` and `invalid_schema_name`.
const CODES: [&str; 6] = ["TS001", "TS002", "42P01", "42883", "55000", "3F000"];

impl Refused {
    /// Whether `error` may say that the seal does not hold. Some of a service's own mistakes say the same.
    pub(crate) fn is(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(|error| error.code());
        code.is_some_and(|code| CODES.contains(&code.as_ref()))
    }

    pub(crate) fn from_error(error: sqlx::Error) -> sqlx::Error {
        match Self::is(&error) {
            true => sqlx::Error::Configuration(Box::new(Self::Session(error))),
            false => error,
        }
    }
}
