//! Why a database could not be migrated, by whether another one would fail in the same way.

use std::fmt;

use serde::{Deserialize, Serialize};
use sqlx::{error::DatabaseError, migrate::MigrateError};

/// Why a database could not be migrated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Class {
    /// The reference to its URL leads nowhere.
    Secret,
    /// It does not answer, or broke off.
    Down,
    /// Another migrator holds it.
    Busy,
    /// A migration did not get its locks in time, several times.
    Locked(i64),
    /// The server refused a migration: its version and the SQLSTATE.
    Refused(i64, String),
    /// A migration was changed after it was applied.
    Changed(i64),
    /// A migration is applied that the folder does not have: the database is ahead.
    Unknown(i64),
    /// A migration is marked as not finished.
    Unfinished(i64),
    /// A new table has no fence, or an index is not valid.
    Unproven,
    /// Something of the tenant's own stands on what a migration takes away.
    Blocked(i64),
}

impl Class {
    /// Whether another database is likely to fail in the same way, so that the run must not go on.
    #[must_use]
    pub fn stops(&self) -> bool {
        match self {
            Self::Refused(..) | Self::Changed(_) | Self::Unfinished(_) | Self::Unproven => true,
            Self::Secret
            | Self::Down
            | Self::Busy
            | Self::Locked(_)
            | Self::Unknown(_)
            | Self::Blocked(_) => false,
        }
    }

    /// Whether it may go well a little later.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Down | Self::Busy)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret => f.write_str("no URL"),
            Self::Down => f.write_str("down"),
            Self::Busy => f.write_str("held by another migrator"),
            Self::Locked(version) => write!(f, "no lock for migration {version}"),
            Self::Refused(0, code) => write!(f, "the server refused a question with {code}"),
            Self::Refused(version, code) => write!(f, "migration {version} refused with {code}"),
            Self::Changed(version) => write!(f, "migration {version} was changed after it was applied"),
            Self::Unknown(version) => write!(f, "has migration {version}, which the folder lacks"),
            Self::Unfinished(version) => write!(f, "migration {version} is not finished"),
            Self::Unproven => f.write_str("not proven"),
            Self::Blocked(version) => write!(f, "migration {version} is blocked"),
        }
    }
}

/// Why a database could not be migrated, and what the server said of it. Holds no secret and no row's values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is.
    pub class: Class,
    /// What there is to say beyond it; may be empty.
    pub detail: String,
}

impl Failure {
    pub(super) fn new(class: Class, detail: impl Into<String>) -> Self {
        Self {
            class,
            detail: detail.into(),
        }
    }

    /// Of a statement that belongs to no migration.
    pub(super) fn asking(error: &sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(refused) if !is_down(refused) => Self::new(Class::Refused(0, code(refused)), said(refused)),
            refused => Self::new(Class::Down, refused.map_or_else(|| kind(error).to_owned(), said)),
        }
    }

    /// Of a migration.
    pub(super) fn applying(version: i64, error: &MigrateError) -> Self {
        let error = match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error,
            other => return Self::new(Class::Refused(version, String::new()), other.to_string()),
        };
        match error.as_database_error() {
            Some(refused) if is_lock(&code(refused)) => Self::new(Class::Locked(version), said(refused)),
            Some(refused) if !is_down(refused) => {
                Self::new(Class::Refused(version, code(refused)), said(refused))
            }
            _ => Self::asking(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail.as_str() {
            "" => self.class.fmt(f),
            detail => write!(f, "{}: {detail}", self.class),
        }
    }
}

fn code(refused: &dyn DatabaseError) -> String {
    refused.code().unwrap_or_default().into_owned()
}

/// A lock that was not had in time, or a deadlock: the transaction is gone, and may be tried again.
fn is_lock(code: &str) -> bool {
    matches!(code, "55P03" | "40P01" | "40001")
}

/// The server shuts down, is not up, or has no connection left. A statement that ran too long (57014) is not down.
fn is_down(refused: &dyn DatabaseError) -> bool {
    let code = code(refused);
    code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") || code.starts_with("28")
}

/// The server's sentence, unless it may hold a row's values.
fn said(refused: &dyn DatabaseError) -> String {
    let code = code(refused);
    let names_only = ["22", "23", "P0"].iter().all(|class| !code.starts_with(class));
    match (refused.constraint(), refused.table()) {
        _ if names_only => refused.message().to_owned(),
        (Some(constraint), _) => format!("SQLSTATE {code}, constraint `{constraint}`"),
        (None, Some(table)) => format!("SQLSTATE {code}, table `{table}`"),
        (None, None) => format!("SQLSTATE {code}"),
    }
}

fn kind(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Io(_) => "the connection failed",
        sqlx::Error::Tls(_) => "its certificate or TLS was refused",
        sqlx::Error::Configuration(_) => "its URL can't be used",
        _ => "the connection broke",
    }
}
