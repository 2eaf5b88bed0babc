//! Why a plan could not be executed to its end.

use super::super::PlanError;

/// Why a plan could not be executed to its end. What was done stays, and is not done again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Another one is at work, or has not been noticed dead yet.
    #[error("another `rls apply` is at work on this database: wait for it, or end its session")]
    Taken,
    /// A lock was not had.
    #[error(
        "`{object}` is too busy: its lock was not had in {attempts} tries; run it again at a calmer time, or end the long transactions on it"
    )]
    Busy {
        /// What was to be locked.
        object: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// Rows belong to nobody.
    #[error(
        "{rows} rows of `{table}` belong to no tenant: give them a parent or delete them (`SELECT * FROM {table} WHERE tenant_id IS NULL`), then run it again"
    )]
    Orphans {
        /// The table.
        table: String,
        /// How many.
        rows: i64,
    },
    /// Rows refer to rows of another tenant.
    #[error(
        "{rows} rows of `{table}` refer to rows of another tenant: mend them (`{query}`), or keep the reference with a reason; then run it again"
    )]
    Crossing {
        /// The table.
        table: String,
        /// How many.
        rows: i64,
        /// What shows them.
        query: String,
    },
    /// A statement was refused.
    #[error("`{object}`: {why}: the database refused")]
    Refused {
        /// What was to be changed.
        object: String,
        /// To what end.
        why: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// Our own migrations can't be applied.
    #[error("the schema `tenancy` can't be made")]
    Base(#[source] tenancy_core::Error),
    /// Others change the schema all the time.
    #[error("the schema changes faster than it is fenced: stop other migrations, then run it again")]
    Changing,
    /// The connection broke.
    #[error("the database broke off; run it again to go on")]
    Database(#[from] sqlx::Error),
}
