//! Who is next: places, and a fair queue before them. Data only: no clock, no waking, no lock.
//!
//! Weighted deficit round robin (Shreedhar and Varghese, 1995) with a cap for each tenant. Requests wait for places of a
//! process by it, and statements for connections to a database.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    hash::Hash,
};

use foldhash::fast::RandomState;

/// How many cancelled requests a tenant's queue may hold beyond those that wait, and tenants the round.
const DEAD: usize = 16;

/// Places, and those that wait for them: weighted deficit round robin over tenants, where each request costs one.
///
/// A place is never free while someone waits that may have it (its tenant is below its own cap). Each operation is O(1),
/// amortised. Tenants that neither run nor wait are forgotten.
#[derive(Debug)]
pub struct Fair<K, W> {
    places: usize,
    in_use: usize,
    /// No client chooses a tenant's id: a fast hash serves.
    tenants: HashMap<K, Tenant, RandomState>,
    /// Those that wait and may run, each once, the next one first.
    ring: VecDeque<K>,
    waiters: HashMap<u64, (K, W)>,
    last: u64,
}

/// One tenant's requests.
#[derive(Debug, Default)]
struct Tenant {
    running: usize,
    cap: usize,
    weight: u32,
    /// How many it may still have in this round.
    credit: u32,
    in_ring: bool,
    /// Those that wait, and some that do no longer.
    queue: VecDeque<u64>,
    waiting: usize,
}

/// What a tenant is entitled to.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// How many of its requests run at a time.
    pub cap: usize,
    /// How many of them get a place in each round.
    pub weight: u32,
}

/// How many may wait.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Of one tenant.
    pub tenant: usize,
    /// Of all tenants together.
    pub all: usize,
}

/// What came of asking for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It has one.
    Runs,
    /// It waits under this number.
    Waits(u64),
    /// Its tenant's queue is full.
    TenantFull,
    /// Everybody's queue is full.
    Full,
}

impl<K: Copy + Eq + Hash, W> Fair<K, W> {
    /// A queue before so many places.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self {
            places,
            in_use: 0,
            tenants: HashMap::default(),
            ring: VecDeque::new(),
            waiters: HashMap::new(),
            last: 0,
        }
    }

    /// How many wait, of all tenants.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiters.len()
    }

    /// How many tenants have a turn to come, of which some may wait no longer: while it is zero there is nobody to give to, and
    /// nothing to forget.
    #[must_use]
    pub fn turns(&self) -> usize {
        self.ring.len()
    }

    /// Asks for a place. `give_next` may have one to give afterwards, when the tenant's cap was raised.
    pub fn ask(&mut self, key: K, share: Share, bounds: Bounds, waiter: impl FnOnce() -> W) -> Asked {
        let all = self.waiters.len();
        let tenant = self.tenants.entry(key).or_default();
        (tenant.cap, tenant.weight) = (share.cap, share.weight.max(1));
        if self.in_use < self.places && tenant.running < tenant.cap && tenant.waiting == 0 {
            self.in_use += 1;
            tenant.running += 1;
            return Asked::Runs;
        }
        let refused = if tenant.waiting >= bounds.tenant || tenant.cap == 0 {
            Some(Asked::TenantFull)
        } else {
            (all >= bounds.all).then_some(Asked::Full)
        };
        if let Some(refused) = refused {
            self.line_up(key);
            self.forget(key);
            return refused;
        }
        self.last += 1;
        tenant.queue.push_back(self.last);
        tenant.waiting += 1;
        self.waiters.insert(self.last, (key, waiter()));
        self.line_up(key);
        Asked::Waits(self.last)
    }

    /// A place comes back. `give_next` has it to give.
    pub fn leave(&mut self, key: K) {
        let Entry::Occupied(mut found) = self.tenants.entry(key) else {
            return;
        };
        let tenant = found.get_mut();
        tenant.running = tenant.running.saturating_sub(1);
        self.in_use = self.in_use.saturating_sub(1);
        if tenant.is_idle() {
            found.remove();
        } else {
            self.line_up(key);
        }
    }

    /// One waits no longer. False when it does not wait.
    pub fn cancel(&mut self, number: u64) -> bool {
        let Some((key, _)) = self.waiters.remove(&number) else {
            return false;
        };
        if let Some(tenant) = self.tenants.get_mut(&key) {
            tenant.waiting = tenant.waiting.saturating_sub(1);
            if tenant.queue.len() > 2 * tenant.waiting + DEAD {
                let waiters = &self.waiters;
                tenant.queue.retain(|number| waiters.contains_key(number));
            }
        }
        if self.ring.len() > 2 * self.waiters.len() + DEAD {
            self.leave_out();
        }
        self.forget(key);
        true
    }

    /// Who would get the next place.
    #[must_use]
    pub fn peek(&self) -> Option<&W> {
        let may = |tenant: &&Tenant| tenant.running < tenant.cap;
        let mut first = self
            .ring
            .iter()
            .filter_map(|key| self.tenants.get(key).filter(may));
        first
            .find_map(|tenant| tenant.queue.iter().find_map(|number| self.waiters.get(number)))
            .map(|(_, waiter)| waiter)
    }

    /// The first of `key`'s to get a place, whoever's turn it is; `None` when it may have none. Who calls it bounds how
    /// often in a row.
    pub fn give_to(&mut self, key: K) -> Option<W> {
        let tenant = self.tenants.get_mut(&key)?;
        if self.in_use >= self.places || tenant.running >= tenant.cap {
            return None;
        }
        let (_, waiter) = tenant.pop(&mut self.waiters)?;
        self.in_use += 1;
        tenant.running += 1;
        Some(waiter)
    }

    /// The next to get a place, which it then has; `None` when there is no place or nobody who may have it.
    pub fn give_next(&mut self) -> Option<(K, W)> {
        while self.in_use < self.places {
            let key = self.ring.pop_front()?;
            let Some(tenant) = self.tenants.get_mut(&key) else {
                continue;
            };
            let may = tenant.running < tenant.cap;
            let first = may.then(|| tenant.pop(&mut self.waiters)).flatten();
            let Some((_, waiter)) = first else {
                (tenant.in_ring, tenant.credit) = (false, 0);
                self.forget(key);
                continue;
            };
            self.in_use += 1;
            tenant.running += 1;
            tenant.credit = if tenant.credit == 0 {
                tenant.weight
            } else {
                tenant.credit
            } - 1;
            if tenant.waiting == 0 || tenant.running >= tenant.cap {
                (tenant.in_ring, tenant.credit) = (false, 0);
            } else if tenant.credit > 0 {
                self.ring.push_front(key);
            } else {
                self.ring.push_back(key);
            }
            return Some((key, waiter));
        }
        None
    }

    /// Puts a tenant at the end of the round when it waits, may run and is not in it.
    fn line_up(&mut self, key: K) {
        let Some(tenant) = self.tenants.get_mut(&key) else {
            return;
        };
        if !tenant.in_ring && tenant.waiting > 0 && tenant.running < tenant.cap {
            tenant.in_ring = true;
            self.ring.push_back(key);
        }
    }

    /// Takes those out of the round that wait no longer.
    fn leave_out(&mut self) {
        let tenants = &mut self.tenants;
        self.ring.retain(|key| {
            let Some(tenant) = tenants.get_mut(key) else {
                return false;
            };
            if tenant.waiting == 0 {
                (tenant.in_ring, tenant.credit) = (false, 0);
                if tenant.is_idle() {
                    tenants.remove(key);
                }
                return false;
            }
            true
        });
    }

    /// Forgets a tenant that neither runs nor waits.
    fn forget(&mut self, key: K) {
        if self.tenants.get(&key).is_some_and(Tenant::is_idle) {
            self.tenants.remove(&key);
        }
    }
}

impl Tenant {
    /// Neither runs nor waits.
    fn is_idle(&self) -> bool {
        self.running == 0 && self.waiting == 0 && !self.in_ring
    }

    /// The first that still waits.
    fn pop<K, W>(&mut self, waiters: &mut HashMap<u64, (K, W)>) -> Option<(K, W)> {
        while let Some(number) = self.queue.pop_front() {
            if let Some(waiter) = waiters.remove(&number) {
                self.waiting = self.waiting.saturating_sub(1);
                return Some(waiter);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
