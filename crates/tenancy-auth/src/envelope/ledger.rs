//! Which jobs this process did.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use tenancy_core::{Error, JobLedger, JobTurn, ProofId, Result, Turn};
use tokio::time::Instant;

use crate::room::{Room, instant};

/// Remembers in this process, within a bound.
///
/// # Guarantees
///
/// A job that was done by this process is not done again by it; one that failed, or whose turn ended without a word, is. When as many
/// jobs of a tenant are remembered as its part of the room holds, its new ones wait until older envelopes have ended, and no other
/// tenant's do: a tenant has an eighth of the room, and of what others leave. One that is given back takes no room.
///
/// # Caveats
///
/// Replicas do not share it, and it is lost with the process: a job that is delivered to two replicas, or again after a restart, is done
/// twice. Where that matters, workers share a ledger, or the work itself keeps the job's id in the tenant's database, in the
/// transaction of its effect.
#[derive(Debug)]
pub struct LocalJobLedger {
    jobs: Mutex<Room<State>>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Running { turn: Turn, until: Instant },
    Done,
}

impl LocalJobLedger {
    /// Remembers `most` jobs: those of the time that an envelope may wait. About 250 bytes each.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            jobs: Mutex::new(Room::shared(most)),
        }
    }

    /// The same for a pinned deployment: its one tenant may have all of the room.
    #[must_use]
    pub fn of_one_tenant(most: usize) -> Self {
        Self {
            jobs: Mutex::new(Room::of_one_tenant(most)),
        }
    }
}

impl Default for LocalJobLedger {
    /// 200,000 jobs, and of one tenant 25,000.
    fn default() -> Self {
        Self::new(200_000)
    }
}

#[async_trait]
impl JobLedger for LocalJobLedger {
    async fn begin(&self, job: &ProofId, lease: Duration, until: Timestamp) -> Result<JobTurn> {
        let now = Instant::now();
        let mut jobs = self.jobs.lock();
        jobs.forget(now);
        match jobs.get(job) {
            Some(State::Done) => return Ok(JobTurn::Done),
            Some(State::Running { until, .. }) if now < *until => return Ok(JobTurn::Taken),
            Some(State::Running { .. }) => {}
            None if jobs.has_room_for(job.tenant) => {}
            None => {
                return Err(Error::unavailable(
                    "more jobs of this tenant are in use than are remembered",
                ));
            }
        }
        let turn = Turn::new();
        let ends = now.checked_add(lease).unwrap_or(now);
        let running = State::Running { turn, until: ends };
        // the lease may outlast the envelope
        jobs.put(job, instant(until, now).max(ends), running);
        Ok(JobTurn::Yours(turn))
    }

    async fn done(&self, job: &ProofId, turn: Turn, until: Timestamp) -> Result<bool> {
        let mut jobs = self.jobs.lock();
        let own = is_of(jobs.get(job), turn);
        jobs.put(job, instant(until, Instant::now()), State::Done);
        Ok(own)
    }

    async fn give_back(&self, job: &ProofId, turn: Turn) -> Result<()> {
        let mut jobs = self.jobs.lock();
        if is_of(jobs.get(job), turn) {
            jobs.remove(job);
        }
        Ok(())
    }
}

fn is_of(state: Option<&State>, mine: Turn) -> bool {
    matches!(state, Some(State::Running { turn, .. }) if *turn == mine)
}

#[cfg(test)]
mod tests {
    use tenancy_core::TenantId;
    use uuid::Uuid;

    use super::*;

    const LEASE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_tenants_jobs_wait_when_its_room_is_full_and_others_do_not() {
        let (acme, globex) = (TenantId::new(), TenantId::new());
        let ledger = LocalJobLedger::new(16);
        let until = Timestamp::now() + Duration::from_secs(3600);
        let job = |tenant, id| ProofId {
            tenant,
            issuer: "trips".parse().unwrap(),
            id: Uuid::from_u128(id),
        };
        let begin = async |tenant, id| match ledger.begin(&job(tenant, id), LEASE, until).await.ok()? {
            JobTurn::Yours(turn) => Some(turn),
            other => panic!("{other:?}"),
        };
        let first = begin(acme, 1).await.unwrap();
        begin(acme, 2).await.unwrap();
        assert_eq!(begin(acme, 3).await, None, "full: it waits");
        begin(globex, 3).await.unwrap();
        ledger.give_back(&job(acme, 1), first).await.unwrap();
        begin(acme, 3).await.unwrap();
        assert_eq!(begin(acme, 1).await, None, "its room went to another");
        tokio::time::advance(Duration::from_secs(3601)).await;
        begin(acme, 1).await.unwrap();
    }
}
