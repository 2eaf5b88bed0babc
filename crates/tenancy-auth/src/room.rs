//! What is remembered of proofs, within a bound that tenants share, until the proofs have ended.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use tenancy_core::{ProofId, TenantId};
use tokio::time::Instant;

/// How many of what has ended are forgotten at a time, so that nobody waits for a flood to be cleared away.
const AT_A_TIME: usize = 1_000;
/// How many times what a tenant holds has to fit into what is free, for it to hold one more.
const FAIR: usize = 7;

/// Proofs with what is known of each, at most `most` of them, in the order of their ends.
///
/// A tenant holds at most a seventh of what is free: an eighth of the room when it is alone, and with `n` tenants that take all they
/// get, `(7/8)^n` of the room is left for the others. So a flood of one tenant is that tenant's own loss.
#[derive(Debug)]
pub(crate) struct Room<V> {
    most: usize,
    fair: usize,
    known: HashMap<ProofId, Known<V>>,
    held: HashMap<TenantId, usize>,
    ends: BTreeSet<(Instant, ProofId)>,
}

#[derive(Debug)]
struct Known<V> {
    end: Instant,
    value: V,
}

impl<V> Room<V> {
    /// A room that tenants share.
    pub(crate) fn shared(most: usize) -> Self {
        Self::new(most, FAIR)
    }

    /// A room of one tenant, which may have all of it.
    pub(crate) fn of_one_tenant(most: usize) -> Self {
        Self::new(most, 0)
    }

    fn new(most: usize, fair: usize) -> Self {
        Self {
            most,
            fair,
            known: HashMap::new(),
            held: HashMap::new(),
            ends: BTreeSet::new(),
        }
    }

    /// Whether this tenant may hold one more.
    pub(crate) fn has_room_for(&self, tenant: TenantId) -> bool {
        let held = self.held.get(&tenant).copied().unwrap_or_default();
        held.saturating_mul(self.fair) < self.most.saturating_sub(self.known.len())
    }

    pub(crate) fn get(&self, proof: &ProofId) -> Option<&V> {
        self.known.get(proof).map(|known| &known.value)
    }

    /// Remembers this of a proof from now on, and until then. Whether there is room is for the caller to ask.
    pub(crate) fn put(&mut self, proof: &ProofId, end: Instant, value: V) {
        self.remove(proof);
        self.known.insert(proof.clone(), Known { end, value });
        self.ends.insert((end, proof.clone()));
        let held = self.held.entry(proof.tenant).or_default();
        *held = held.saturating_add(1);
    }

    pub(crate) fn remove(&mut self, proof: &ProofId) {
        let Some((proof, known)) = self.known.remove_entry(proof) else {
            return;
        };
        let tenant = proof.tenant;
        self.ends.remove(&(known.end, proof));
        if let Some(held) = self.held.get_mut(&tenant) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                self.held.remove(&tenant);
            }
        }
    }

    /// Forgets what has ended, the earliest first.
    pub(crate) fn forget(&mut self, now: Instant) {
        for _ in 0..AT_A_TIME {
            let Some((_, proof)) = self.ends.first().filter(|(end, _)| *end < now) else {
                return;
            };
            let proof = proof.clone();
            self.remove(&proof);
        }
    }
}

/// When that time will be, on the clock that waits.
pub(crate) fn instant(time: Timestamp, now: Instant) -> Instant {
    let left = time.duration_since(Timestamp::now());
    now.checked_add(left.try_into().unwrap_or_default())
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    fn proof(tenant: TenantId, id: usize) -> ProofId {
        ProofId {
            tenant,
            issuer: "trips".parse().unwrap(),
            id: Uuid::from_u128(id as u128),
        }
    }

    /// Puts as many as there is room for, and says how many.
    fn flood(room: &mut Room<()>, tenant: TenantId, end: Instant) -> usize {
        let mut count = 0;
        while room.has_room_for(tenant) {
            room.put(&proof(tenant, count), end, ());
            count += 1;
        }
        count
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_one_tenant_leaves_room_for_the_others() {
        let end = Instant::now() + Duration::from_secs(60);
        let mut room = Room::shared(80_000);
        let taken: Vec<_> = (0..20).map(|_| flood(&mut room, TenantId::new(), end)).collect();
        assert_eq!(taken[..3], [10_000, 8_750, 7_657], "an eighth of what is left");
        let left = 80_000 - taken.iter().sum::<usize>();
        assert!(left > 5_500, "after twenty floods: {left}");
        assert_eq!(room.known.len(), 80_000 - left);
        let calm = TenantId::new();
        for id in 0..500 {
            assert!(room.has_room_for(calm), "{id}");
            room.put(&proof(calm, id), end, ());
        }
        let mut alone = Room::of_one_tenant(100);
        assert_eq!(flood(&mut alone, calm, end), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn what_ends_first_is_forgotten_first_whenever_it_came() {
        let (mut room, tenant, now) = (Room::of_one_tenant(3), TenantId::new(), Instant::now());
        let after = |seconds| now + Duration::from_secs(seconds);
        room.put(&proof(tenant, 1), after(300), ());
        room.put(&proof(tenant, 2), after(20), ());
        room.put(&proof(tenant, 3), after(10), ());
        assert!(!room.has_room_for(tenant));
        room.forget(after(21));
        assert!(room.get(&proof(tenant, 1)).is_some() && room.has_room_for(tenant));
        assert_eq!((room.known.len(), room.ends.len(), room.held[&tenant]), (1, 1, 1));
        // one that is put again is held once, until its new end
        room.put(&proof(tenant, 1), after(30), ());
        assert_eq!((room.known.len(), room.ends.len(), room.held[&tenant]), (1, 1, 1));
        room.forget(after(31));
        assert!(room.known.is_empty() && room.ends.is_empty() && room.held.is_empty());
    }
}
