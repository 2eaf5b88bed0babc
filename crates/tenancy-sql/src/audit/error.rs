//! Why a database could not be audited.

/// Why a database could not be audited. Nothing is known about it then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The database refused a question, or broke off.
    #[error("the database refused or broke off")]
    Database(#[from] sqlx::Error),
    /// The role whose view is to be taken does not exist there.
    #[error("there is no role `{0}`")]
    NoRole(String),
    /// Its catalog lacks what the rules ask of.
    #[error("it is PostgreSQL {0}, and 14 is the oldest that can be audited")]
    TooOld(u32),
    /// A role, column, setting or schema that no server can have.
    #[error("`{0}` is no name")]
    Name(String),
    /// The server took longer than it was given.
    #[error("it did not answer in time")]
    Slow,
}
