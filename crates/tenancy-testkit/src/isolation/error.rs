//! Why the suite can't speak for a database.

use tenancy_core::TenantId;

/// Why the suite can't speak for a database. None of these means that it leaks; a leak is a cell of the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IsolationError {
    /// A statement of the suite's own failed.
    #[error("could not {0}")]
    Sql(&'static str, #[source] sqlx::Error),
    /// The server did not answer.
    #[error("could not {0}: no answer in time")]
    Slow(&'static str),
    /// The URL is none.
    #[error("could not connect")]
    Url(#[from] tenancy_core::registry::ConnectOptionsError),
    /// The role reaches no table at all.
    #[error("the runtime role reaches no table: grant it what the service needs first")]
    Nothing,
    /// A table can't be asked about.
    #[error("`{table}` {problem}")]
    Table {
        /// The table, with its schema.
        table: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A table has no row of one of the tenants.
    #[error("`{table}` has no row of the tenant `{tenant}`: seed one in every table for both tenants")]
    Unseeded {
        /// The table, with its schema.
        table: String,
        /// The tenant.
        tenant: TenantId,
    },
    /// A session starts with a tenant.
    #[error(
        "a new session of the runtime role has a tenant already: `ALTER ROLE … RESET app.current_tenant`"
    )]
    Preset,
    /// The rows are not what they were.
    #[error("`{0}` has other rows than before the suite ran")]
    Changed(String),
}
