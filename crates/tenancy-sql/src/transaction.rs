//! A writing transaction of one tenant.

use std::time::Duration;

use futures::TryStreamExt;
use sqlx::{Either, Execute, Executor, Postgres, postgres::PgConnection};
use tenancy_core::{Error, Recording, Result, Trail};

use crate::{
    Position, audit_log,
    executor::{Lend, within},
    pool::{Lease, Watch},
    replica::{ASK_POSITION, Point},
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

    /// How long its connection was waited for, as [`ReadConnection::waited`](crate::ReadConnection::waited) says it.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.lease.waited()
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
        let (text, recording) = self.last_words(None).await?;
        self.end(text).await?;
        if let Some(recording) = recording {
            recording.committed();
        }
        Ok(())
    }

    /// Commits, and says where that stands in what the database has written: for [`read_after`](crate::SqlHandle::read_after), so
    /// that a replica that has it may be read. One round trip, as [`commit`](Self::commit).
    ///
    /// Should the server commit and then not say where, the position is one that leads to the primary.
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    pub async fn commit_with_position(mut self) -> Result<Position> {
        let (text, recording) = self.last_words(Some(ASK_POSITION)).await?;
        // what is recorded is one statement, in the same message
        let until_committed = 1 + usize::from(recording.is_some());
        let patience = self.lease.patience();
        self.lease.transaction_ends();
        let mut answered = 0;
        let answer = within(patience, point(self.lease.connection()?, text, &mut answered)).await;
        let position = match answer {
            Ok(point) => {
                self.lease.transaction_ended();
                point.map_or(Position::UNKNOWN, Position::from)
            }
            Err(error) if answered < until_committed => return Err(error.into()),
            Err(_) => {
                tracing::warn!("a transaction was committed, and the server does not say where");
                Position::UNKNOWN
            }
        };
        if let Some(recording) = recording {
            recording.committed();
        }
        Ok(position)
    }

    /// What commits and then asks, and what is recorded with it.
    async fn last_words(
        &mut self,
        then: Option<&'static str>,
    ) -> Result<(impl Execute<'static, Postgres> + use<>, Option<Recording>)> {
        if self.failed {
            self.end("ROLLBACK").await?;
            return Err(Error::internal(
                "a transaction with a failed statement was committed; it was rolled back",
            ));
        }
        let mut recording = self.recording.take();
        let events = recording.as_mut().map(Recording::events);
        Ok((audit_log::commit(events, then)?, recording))
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

/// Sends a message that ends in [`ASK_POSITION`], and counts the statements that were answered. Heard to the end.
async fn point(
    connection: &mut PgConnection,
    text: impl Execute<'static, Postgres> + 'static,
    answered: &mut usize,
) -> sqlx::Result<Option<Point>> {
    let mut point = None;
    let mut answers = connection.fetch_many(text);
    while let Some(answer) = answers.try_next().await? {
        match answer {
            Either::Left(_) => *answered += 1,
            Either::Right(row) => point = Point::from_row(&row).ok(),
        }
    }
    Ok(point)
}

impl Lend for Transaction {
    fn lend(&mut self) -> Result<(&mut PgConnection, Watch<'_>), sqlx::Error> {
        let (connection, watch) = self.lease.lend()?;
        Ok((connection, watch.telling(&mut self.failed)))
    }
}
