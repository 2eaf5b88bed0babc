//! Which jobs were done, by whatever worker.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tenancy_core::{Error, JobLedger, JobTurn, ProofId, Result, Turn};

use super::store::{SharedProofs, left, millis};

impl SharedProofs {
    fn turn_key(&self, job: &ProofId) -> String {
        self.key(job, &format!("turn:{}", job.id))
    }
}

#[async_trait]
impl JobLedger for SharedProofs {
    async fn begin(&self, job: &ProofId, lease: Duration, _: Timestamp) -> Result<JobTurn> {
        let turn = Turn::new();
        let mut question = self.inner.scripts.begin.key(self.key(job, "done"));
        question.key(self.turn_key(job)).arg(job.id.to_string());
        question
            .arg(turn.to_string())
            .arg(millis(lease).max(1))
            .arg(self.most);
        match self.ask(&question).await? {
            0 => Ok(JobTurn::Done),
            1 => Ok(JobTurn::Yours(turn)),
            2 => Err(Error::unavailable(
                "more jobs of this tenant are in use than are remembered by all replicas",
            )),
            _ => Ok(JobTurn::Taken),
        }
    }

    async fn done(&self, job: &ProofId, turn: Turn, until: Timestamp) -> Result<bool> {
        let mut question = self.inner.scripts.done.key(self.key(job, "done"));
        question.key(self.turn_key(job)).arg(job.id.to_string());
        question.arg(turn.to_string()).arg(left(until));
        Ok(self.ask(&question).await? == 1)
    }

    async fn give_back(&self, job: &ProofId, turn: Turn) -> Result<()> {
        let mut question = self.inner.scripts.give_back.key(self.turn_key(job));
        question.arg(turn.to_string());
        self.ask(&question).await.map(drop)
    }
}
