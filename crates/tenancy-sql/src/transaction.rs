//! A writing transaction of one tenant.

use sqlx::{Execute, Executor, Postgres, postgres::PgConnection};
use tenancy_core::{Error, Recording, Result, Trail};

use crate::{
    audit_log,
    executor::{Lend, within},
    pool::{Lease, Watch},
};

/// A writing transaction of one tenant, with its actor in `app.current_actor` for audit triggers. READ COMMITTED.
///
/// `&mut` of it is a [`sqlx::Executor`]; each statement is a round trip (its first use on a connection is one more).
/// Dropped before [`commit`](Self::commit), it is rolled back, and what runs is cancelled on the server.
#[derive(Debug)]
pub struct Transaction {
    lease: Lease,
    /// A statement failed, so the server will commit nothing.
    failed: bool,
    /// What the permit was used for, when the tenant's plan has the audit log.
    recording: Option<Recording>,
}

impl Transaction {
    pub(crate) fn new(lease: Lease, trail: Option<&Trail>) -> Self {
        Self {
            lease,
            failed: false,
            recording: trail.map(Trail::begin),
        }
    }

    /// Commits. One round trip: what the permit was used for goes in the same message, into the tenant's
    /// `tenancy.audit_log`, and is rolled back with the rest.
    ///
    /// # Errors
    ///
    /// `Internal` when a statement failed before and its error was ignored: PostgreSQL answers such a COMMIT with success
    /// and rolls back. `Conflict` for a deferred constraint. `Unavailable` when the connection broke: whether the commit
    /// took place is then unknown, so make the work repeatable.
    pub async fn commit(mut self) -> Result<()> {
        if self.failed {
            self.end("ROLLBACK").await?;
            return Err(Error::internal(
                "a transaction with a failed statement was committed; it was rolled back",
            ));
        }
        let Some(mut recording) = self.recording.take() else {
            return self.end("COMMIT").await;
        };
        self.end(audit_log::commit(&recording.events())?).await?;
        recording.committed();
        Ok(())
    }

    /// Rolls back, and waits for it. One round trip. Dropping does the same in the background.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the connection broke; the server rolls back then too.
    pub async fn rollback(mut self) -> Result<()> {
        self.end("ROLLBACK").await
    }

    async fn end(&mut self, statement: impl Execute<'static, Postgres> + 'static) -> Result<()> {
        let patience = self.lease.patience();
        self.lease.transaction_ends();
        within(patience, self.lease.connection()?.execute(statement)).await?;
        self.lease.transaction_ended();
        Ok(())
    }
}

impl Lend for Transaction {
    fn lend(&mut self) -> Result<(&mut PgConnection, Watch<'_>), sqlx::Error> {
        let (connection, watch) = self.lease.lend()?;
        Ok((connection, watch.telling(&mut self.failed)))
    }
}
