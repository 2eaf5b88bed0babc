//! What governor remembers of addresses, bounded.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use governor::{clock::Clock, nanos::Nanos, state::StateStore};
use parking_lot::Mutex;

use super::{clock::Since, network::Network};
use crate::slots::Slots;

/// How many addresses are looked at to find one to forget.
const LOOKS: usize = 16;
/// How many locks there are.
const SHARDS: usize = 64;
/// How many cells newcomers share in a full shard.
const COMMON: usize = 8;

/// The state of at most a fixed number of addresses.
///
/// A newcomer in a full map takes the place of an address that has its whole burst back. When no such is found, nobody
/// is forgotten: newcomers then share a few cells (512 in all), each with the rate of one address. So a flood of new addresses
/// can't make one fresh that is at its limit, and gets no more than the rate of 512 addresses besides those that are known.
pub(super) struct Bounded {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
    clock: Since,
    most: usize,
}

#[derive(Default)]
struct Shard {
    cells: Slots<Network, Nanos>,
    common: [Option<Nanos>; COMMON],
    hand: usize,
}

impl Bounded {
    pub(super) fn new(most: usize, clock: Since) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            clock,
            most: most.div_ceil(SHARDS).max(1),
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().cells.len()).sum()
    }
}

impl StateStore for Bounded {
    type Key = Network;

    fn measure_and_replace<T, F, E>(&self, key: &Network, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let hash = self.hasher.hash_one(key);
        // the table within takes the low bits, and the seven highest
        let place = usize::try_from(hash >> 40).unwrap_or_default();
        let Some(shard) = self.shards.get(place % SHARDS) else {
            return measure(None).map(|(answer, _)| answer);
        };
        let mut shard = shard.lock();
        if let Some(at) = shard.cells.place(hash, key)
            && let Some(cell) = shard.cells.at(at)
        {
            let (answer, next) = measure(Some(*cell))?;
            *cell = next;
            return Ok(answer);
        }
        if shard.cells.len() < self.most || shard.forget_one(self.clock.now()) {
            let (answer, next) = measure(None)?;
            shard.cells.add(hash, *key, next);
            return Ok(answer);
        }
        let Some(common) = shard.common.get_mut(place / SHARDS % COMMON) else {
            return measure(None).map(|(answer, _)| answer);
        };
        let (answer, next) = measure(*common)?;
        *common = Some(next);
        Ok(answer)
    }
}

impl Shard {
    /// Forgets an address that has its whole burst back, if one is found soon.
    fn forget_one(&mut self, now: Duration) -> bool {
        for _ in 0..LOOKS.min(self.cells.len()) {
            self.hand = (self.hand + 1) % self.cells.len();
            let full = |cell: &mut Nanos| Duration::from(*cell) <= now;
            if self.cells.at(self.hand).is_some_and(full) {
                self.cells.forget(self.hand);
                return true;
            }
        }
        false
    }
}
