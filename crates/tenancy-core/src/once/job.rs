//! Whether a job was done before.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use super::ProofId;
use crate::Result;

/// Remembers which jobs were done, for as long as their envelopes hold.
///
/// # Guarantees
///
/// One worker at a time has a job's turn, and nobody has it once the ledger was told that the job is done. A worker whose turn
/// went to another ends that one's by nothing that it says.
///
/// # Caveats
///
/// A worker that is stopped for longer than its lease (a machine that sleeps) and goes on may work beside the next one. Where
/// that matters, the work keeps the job's id in the tenant's database, in the transaction of its effect.
#[async_trait]
pub trait JobLedger: Send + Sync + 'static {
    /// Asks for a turn. Whoever gets one holds it for `lease`; when the process dies in between, another gets it after that.
    /// `until` is when the job can be forgotten.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](crate::Kind::Unavailable) when it can't be known, or the tenant's room is full: the job waits
    /// then, and other tenants' do not.
    async fn begin(&self, job: &ProofId, lease: Duration, until: Timestamp) -> Result<JobTurn>;

    /// The job was done: it has no turn again until `until`, whoever says so. Whether the turn was still the worker's: else
    /// another may be doing it now.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin); the job may then be done once more.
    async fn done(&self, job: &ProofId, turn: Turn, until: Timestamp) -> Result<bool>;

    /// The job was not done: it may have its turn at once. Nothing happens when the turn is another's by now.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin); the job then waits for the lease to end.
    async fn give_back(&self, job: &ProofId, turn: Turn) -> Result<()>;
}

/// What a ledger says of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobTurn {
    /// Do it, and say at the end which turn it was.
    Yours(Turn),
    /// Somebody does it now.
    Taken,
    /// It was done.
    Done,
}

/// One turn at a job. No two are the same, in whatever process they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn(Uuid);

impl Turn {
    /// A turn, for a ledger to give.
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for Turn {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
