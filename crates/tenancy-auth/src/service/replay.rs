//! Which proofs this process took.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use tenancy_core::{Error, ProofId, ReplayGuard, Result, ServiceName};
use tokio::time::Instant;

use crate::room::{Room, instant};

/// Remembers in this process, within a bound, and asks another guard then when it has one.
///
/// # Guarantees
///
/// No proof is taken twice by this process. When a service made more proofs for a tenant than that tenant's part of the room
/// holds, its next ones for it are refused (503), and no other tenant's and no other service's: a tenant has an eighth of the
/// room of each service, and of what others leave.
///
/// # Caveats
///
/// Without another guard behind it ([`before`](Self::before)), replicas do not share it: a token that is stolen on its way can be used once at
/// each other replica, and at one that was started anew, for the same method and path and tenant, within its minute.
pub struct LocalReplayGuard {
    most: usize,
    one_tenant: bool,
    issuers: Mutex<HashMap<ServiceName, Room<()>>>,
    shared: Option<Arc<dyn ReplayGuard>>,
}

impl LocalReplayGuard {
    /// Remembers `most` proofs of each service: its calls a second, times a minute, with room. About 200 bytes each.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            one_tenant: false,
            issuers: Mutex::default(),
            shared: None,
        }
    }

    /// The same for a pinned deployment: its one tenant may have all of the room.
    #[must_use]
    pub fn of_one_tenant(most: usize) -> Self {
        Self {
            one_tenant: true,
            ..Self::new(most)
        }
    }

    /// Stands before a guard that replicas share: what this process took is refused without asking it, and what it does not
    /// answer for is refused (503).
    #[must_use]
    pub fn before(mut self, shared: Arc<dyn ReplayGuard>) -> Self {
        self.shared = Some(shared);
        self
    }

    fn takes(&self, proof: &ProofId, until: Timestamp) -> Result<bool> {
        let now = Instant::now();
        let mut issuers = self.issuers.lock();
        // the issuers are those of the configuration: their proofs are verified before they come here
        let room = issuers.entry(proof.issuer.clone());
        let room = room.or_insert_with(|| match self.one_tenant {
            true => Room::of_one_tenant(self.most),
            false => Room::shared(self.most),
        });
        room.forget(now);
        if room.get(proof).is_some() {
            return Ok(false);
        }
        if !room.has_room_for(proof.tenant) {
            return Err(Error::unavailable(
                "more proofs of one service for this tenant are in use than are remembered",
            ));
        }
        room.put(proof, instant(until, now), ());
        Ok(true)
    }
}

impl Default for LocalReplayGuard {
    /// 200,000 of each service: some 350 calls a second for one tenant, and 2,800 for all.
    fn default() -> Self {
        Self::new(200_000)
    }
}

#[async_trait]
impl ReplayGuard for LocalReplayGuard {
    async fn first_use(&self, proof: &ProofId, from: Timestamp, until: Timestamp) -> Result<bool> {
        match (self.takes(proof, until)?, &self.shared) {
            (true, Some(shared)) => shared.first_use(proof, from, until).await,
            (first, _) => Ok(first),
        }
    }
}

impl fmt::Debug for LocalReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalReplayGuard")
            .field("most", &self.most)
            .field("shared", &self.shared.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tenancy_core::{Kind, TenantId};
    use uuid::Uuid;

    use super::*;

    fn proof(tenant: TenantId, issuer: &str, id: u128) -> ProofId {
        ProofId {
            tenant,
            issuer: issuer.parse().unwrap(),
            id: Uuid::from_u128(id),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_proof_is_taken_once_and_a_full_room_is_one_tenants_and_one_services() {
        let (acme, globex) = (TenantId::new(), TenantId::new());
        let guard = LocalReplayGuard::new(16);
        let from = Timestamp::now();
        let until = from + Duration::from_secs(60);
        let take = async |tenant, issuer, id| {
            guard
                .first_use(&proof(tenant, issuer, id), from, until)
                .await
                .ok()
        };
        assert_eq!(take(acme, "a", 1).await, Some(true));
        assert_eq!(take(acme, "a", 1).await, Some(false));
        assert_eq!(take(acme, "b", 1).await, Some(true), "another issuer's");
        assert_eq!(take(acme, "a", 2).await, Some(true));
        assert_eq!(take(acme, "a", 3).await, None, "full: refused, not forgotten");
        assert_eq!(take(acme, "a", 1).await, Some(false), "still known");
        assert_eq!(take(globex, "a", 1).await, Some(true), "another tenant's room");
        assert_eq!(take(acme, "b", 2).await, Some(true), "another issuer's room");
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(take(acme, "a", 3).await, None);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(take(acme, "a", 3).await, Some(true));
    }

    /// Says always the same, and how often it was asked.
    struct Says(Option<bool>, Mutex<usize>);

    #[async_trait]
    impl ReplayGuard for Says {
        async fn first_use(&self, _: &ProofId, _: Timestamp, _: Timestamp) -> Result<bool> {
            *self.1.lock() += 1;
            self.0.ok_or_else(|| Error::unavailable("away"))
        }
    }

    #[tokio::test]
    async fn what_the_shared_guard_does_not_answer_for_is_refused() {
        for (says, first) in [(Some(true), Ok(true)), (Some(false), Ok(false)), (None, Err(()))] {
            let shared = Arc::new(Says(says, Mutex::default()));
            let guard = LocalReplayGuard::default().before(Arc::clone(&shared) as _);
            let (proof, now) = (proof(TenantId::new(), "a", 1), Timestamp::now());
            let until = now + Duration::from_secs(60);
            let take = async || {
                let taken = guard.first_use(&proof, now, until).await;
                taken.map_err(|error| assert_eq!(error.kind(), Kind::Unavailable))
            };
            assert_eq!(take().await, first);
            assert_eq!(take().await, Ok(false), "used here, whatever the other said");
            assert_eq!(*shared.1.lock(), 1);
        }
    }
}
