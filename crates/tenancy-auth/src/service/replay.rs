//! Whether a proof was used before.

use std::collections::{HashMap, HashSet, VecDeque};

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use tenancy_core::{Error, Result, ServiceName};
use tokio::time::Instant;
use uuid::Uuid;

use crate::proof::ProofId;

/// Remembers proofs that were used, for as long as they could be used again.
#[async_trait]
pub trait ReplayGuard: Send + Sync + 'static {
    /// Takes note of a proof; whether this is its first use. `until` is when it can be forgotten.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](tenancy_core::Kind::Unavailable) when it can't be known: the proof is refused then.
    async fn first_use(&self, proof: &ProofId, until: Timestamp) -> Result<bool>;
}

/// Remembers in this process, within a bound.
///
/// # Guarantees
///
/// No proof is taken twice by this process. When a service made more proofs than fit in the time that they hold, its next ones are
/// refused (503), and no other service's.
///
/// # Caveats
///
/// Replicas do not share it: a token that is stolen on its way can be used once at each other replica, for the same method and path and
/// tenant, within its minute.
#[derive(Debug)]
pub struct LocalReplayGuard {
    most: usize,
    issuers: Mutex<HashMap<ServiceName, Used>>,
}

#[derive(Debug, Default)]
struct Used {
    ids: HashSet<Uuid>,
    /// In the order of their coming, which is about the order of their ends.
    ends: VecDeque<(Instant, Uuid)>,
}

impl LocalReplayGuard {
    /// Remembers `most` proofs of each service: its calls a second, times a minute, with room. About 100 bytes each.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            issuers: Mutex::default(),
        }
    }
}

impl Default for LocalReplayGuard {
    /// 100,000 of each service: some 1,400 calls a second.
    fn default() -> Self {
        Self::new(100_000)
    }
}

#[async_trait]
impl ReplayGuard for LocalReplayGuard {
    async fn first_use(&self, proof: &ProofId, until: Timestamp) -> Result<bool> {
        let now = Instant::now();
        let left = until.duration_since(Timestamp::now()).unsigned_abs();
        let mut issuers = self.issuers.lock();
        // the issuers are those of the configuration: their proofs are verified before they come here
        let used = issuers.entry(proof.issuer.clone()).or_default();
        used.forget(now);
        if used.ids.contains(&proof.id) {
            return Ok(false);
        }
        if used.ids.len() >= self.most {
            return Err(Error::unavailable(
                "more proofs of one service are in use than are remembered",
            ));
        }
        used.ids.insert(proof.id);
        let end = now.checked_add(left).unwrap_or(now);
        used.ends.push_back((end, proof.id));
        Ok(true)
    }
}

impl Used {
    /// One that ends late keeps those behind it: they are remembered for longer, never for less.
    fn forget(&mut self, now: Instant) {
        while let Some((end, id)) = self.ends.front()
            && *end < now
        {
            self.ids.remove(id);
            self.ends.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn proof(issuer: &str, id: u128) -> ProofId {
        ProofId {
            issuer: issuer.parse().unwrap(),
            id: Uuid::from_u128(id),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_proof_is_taken_once_and_forgotten_when_it_has_ended() {
        let guard = LocalReplayGuard::new(2);
        let until = Timestamp::now() + Duration::from_secs(60);
        let take = async |issuer, id| guard.first_use(&proof(issuer, id), until).await.ok();
        assert_eq!(take("a", 1).await, Some(true));
        assert_eq!(take("a", 1).await, Some(false));
        assert_eq!(take("b", 1).await, Some(true), "another issuer's");
        assert_eq!(take("a", 2).await, Some(true));
        assert_eq!(take("a", 3).await, None, "full: refused, not forgotten");
        assert_eq!(take("a", 1).await, Some(false), "still known");
        assert_eq!(take("b", 2).await, Some(true), "another issuer's room");
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(take("a", 3).await, None);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(take("a", 3).await, Some(true));
    }
}
