//! Whether a job was done before.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use tenancy_core::{Error, Result};
use tokio::time::Instant;

use crate::proof::ProofId;

/// Remembers which jobs were done, for as long as their envelopes hold.
#[async_trait]
pub trait JobLedger: Send + Sync + 'static {
    /// Asks for a turn. Whoever gets one holds it for `lease`; when the process dies in between, another gets it after that.
    /// `until` is when the job can be forgotten.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](tenancy_core::Kind::Unavailable) when it can't be known: the job waits then.
    async fn begin(&self, job: &ProofId, lease: Duration, until: Timestamp) -> Result<JobTurn>;

    /// The job was done: it has no turn again.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin); the job may then be done once more.
    async fn done(&self, job: &ProofId) -> Result<()>;

    /// The job was not done: it may have its turn at once.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin); the job then waits for the lease to end.
    async fn give_back(&self, job: &ProofId) -> Result<()>;
}

/// What a ledger says of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobTurn {
    /// Do it.
    Yours,
    /// Somebody does it now.
    Taken,
    /// It was done.
    Done,
}

/// Remembers in this process, within a bound.
///
/// # Guarantees
///
/// A job that was done by this process is not done again by it; one that failed, or whose turn ended without a word, is. When as many
/// jobs as fit are remembered, new ones wait until older envelopes have ended.
///
/// # Caveats
///
/// Replicas do not share it, and it is lost with the process: a job that is delivered to two replicas, or again after a restart, is done
/// twice. Where that matters, the work itself keeps the job's id in the tenant's database, in the transaction of its effect.
#[derive(Debug)]
pub struct LocalJobLedger {
    most: usize,
    jobs: Mutex<Jobs>,
}

#[derive(Debug, Default)]
struct Jobs {
    states: HashMap<ProofId, State>,
    ends: VecDeque<(Instant, ProofId)>,
}

#[derive(Debug)]
enum State {
    Running { until: Instant },
    GivenBack,
    Done,
}

impl LocalJobLedger {
    /// Remembers `most` jobs: those of the time that an envelope may wait. About 150 bytes each.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            jobs: Mutex::default(),
        }
    }

    fn set(&self, job: &ProofId, state: State) {
        if let Some(known) = self.jobs.lock().states.get_mut(job) {
            *known = state;
        }
    }
}

impl Default for LocalJobLedger {
    /// 100,000 jobs.
    fn default() -> Self {
        Self::new(100_000)
    }
}

#[async_trait]
impl JobLedger for LocalJobLedger {
    async fn begin(&self, job: &ProofId, lease: Duration, until: Timestamp) -> Result<JobTurn> {
        let now = Instant::now();
        let mut jobs = self.jobs.lock();
        jobs.forget(now);
        let running = State::Running {
            until: now.checked_add(lease).unwrap_or(now),
        };
        if let Some(state) = jobs.states.get_mut(job) {
            return Ok(match state {
                State::Done => JobTurn::Done,
                State::Running { until } if now < *until => JobTurn::Taken,
                State::Running { .. } | State::GivenBack => {
                    *state = running;
                    JobTurn::Yours
                }
            });
        }
        if jobs.states.len() >= self.most {
            return Err(Error::unavailable("more jobs are in use than are remembered"));
        }
        let left = until.duration_since(Timestamp::now()).unsigned_abs();
        // the lease may outlast the envelope
        let end = now.checked_add(left.max(lease)).unwrap_or(now);
        jobs.states.insert(job.clone(), running);
        jobs.ends.push_back((end, job.clone()));
        Ok(JobTurn::Yours)
    }

    async fn done(&self, job: &ProofId) -> Result<()> {
        self.set(job, State::Done);
        Ok(())
    }

    async fn give_back(&self, job: &ProofId) -> Result<()> {
        self.set(job, State::GivenBack);
        Ok(())
    }
}

impl Jobs {
    fn forget(&mut self, now: Instant) {
        while let Some((end, job)) = self.ends.front()
            && *end < now
        {
            self.states.remove(job);
            self.ends.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const LEASE: Duration = Duration::from_secs(30);

    fn job(id: u128) -> ProofId {
        ProofId {
            issuer: "trips".parse().unwrap(),
            id: Uuid::from_u128(id),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_is_done_once_and_again_after_a_crash() {
        let ledger = LocalJobLedger::new(2);
        let until = Timestamp::now() + Duration::from_secs(3600);
        let begin = async |id| ledger.begin(&job(id), LEASE, until).await.ok();
        assert_eq!(begin(1).await, Some(JobTurn::Yours));
        assert_eq!(begin(1).await, Some(JobTurn::Taken));
        // it died without a word
        tokio::time::advance(LEASE).await;
        assert_eq!(begin(1).await, Some(JobTurn::Yours));
        ledger.give_back(&job(1)).await.unwrap();
        assert_eq!(begin(1).await, Some(JobTurn::Yours));
        ledger.done(&job(1)).await.unwrap();
        assert_eq!(begin(1).await, Some(JobTurn::Done));
        assert_eq!(begin(2).await, Some(JobTurn::Yours));
        assert_eq!(begin(3).await, None, "full: it waits");
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(begin(3).await, Some(JobTurn::Yours));
    }
}
