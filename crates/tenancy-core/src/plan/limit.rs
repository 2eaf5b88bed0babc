//! What a plan bounds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a plan bounds by an [`Allowance`](crate::Allowance).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Requests a minute, of the whole tenant.
    RequestsPerMinute,
    /// Requests a minute, of one user.
    UserRequestsPerMinute,
    /// Requests that are worked on at a time, in one process.
    ConcurrentRequests,
    /// Connections to one database at a time, in one process.
    DatabaseConnections,
    /// Seconds that a statement may run.
    StatementSeconds,
    /// Seconds that a transaction may sit idle.
    IdleTransactionSeconds,
    /// Stored objects, in bytes.
    StorageBytes,
    /// Members, the owner included.
    Seats,
}

impl Limit {
    /// The name in configuration, problems and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequestsPerMinute => "requests_per_minute",
            Self::UserRequestsPerMinute => "user_requests_per_minute",
            Self::ConcurrentRequests => "concurrent_requests",
            Self::DatabaseConnections => "database_connections",
            Self::StatementSeconds => "statement_seconds",
            Self::IdleTransactionSeconds => "idle_transaction_seconds",
            Self::StorageBytes => "storage_bytes",
            Self::Seats => "seats",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
