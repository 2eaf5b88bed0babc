//! Which proofs were used, at whatever replica.

use async_trait::async_trait;
use jiff::Timestamp;
use tenancy_core::{Error, ProofId, ReplayGuard, Result};

use super::store::{APART, SharedProofs, left, millis};

#[async_trait]
impl ReplayGuard for SharedProofs {
    async fn first_use(&self, proof: &ProofId, from: Timestamp, until: Timestamp) -> Result<bool> {
        let age = Timestamp::now()
            .duration_since(from)
            .try_into()
            .unwrap_or_default();
        let mut question = self.inner.scripts.used.key(self.key(proof, "used"));
        question.key(self.since_key()).arg(proof.id.to_string());
        question.arg(millis(age)).arg(left(until)).arg(self.most);
        match self.ask(&question).await? {
            1 => Ok(true),
            0 => Ok(false),
            2 => Err(Error::unavailable(
                "more proofs of one service for this tenant are in use than are remembered by all replicas",
            )),
            _ => Err(
                Error::unavailable("the store of shared proofs remembers nothing of that time")
                    // a caller's clock may be ahead by so much
                    .with_retry_after(APART),
            ),
        }
    }
}
