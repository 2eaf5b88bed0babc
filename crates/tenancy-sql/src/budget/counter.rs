//! Who has a unit of the budget, and who is next: plain data, no I/O.

use std::{collections::BTreeMap, time::Duration};

use tenancy_core::fair::{Asked, Bounds, Fair, Share};
use tokio::{sync::oneshot::Sender, time::Instant};

use super::units::Unit;

/// Who waits.
pub(super) struct Waiter {
    pub(super) wake: Sender<Unit>,
    pub(super) database: u64,
}

/// Units, and a fair queue of databases before them.
pub(super) struct Counter {
    all: usize,
    held: usize,
    turns: Fair<u64, Waiter>,
    bounds: Bounds,
    /// Whose they are that wait, and since when; by their numbers, so the first is the oldest.
    waiting: BTreeMap<u64, (u64, Instant)>,
    /// What nobody holds, and the server may: until when it counts, and whose it was.
    lingering: Vec<(Instant, u64)>,
}

impl Counter {
    pub(super) fn new(all: usize, waiting: usize) -> Self {
        Self {
            all,
            held: 0,
            turns: Fair::new(all),
            bounds: Bounds {
                tenant: waiting,
                all: waiting,
            },
            waiting: BTreeMap::new(),
            lingering: Vec::new(),
        }
    }

    /// Asks for a unit for one of a database's connections, of which it has `cap` at most.
    pub(super) fn ask(&mut self, database: u64, cap: usize, now: Instant, wake: Sender<Unit>) -> Asked {
        let share = Share { cap, weight: 1 };
        let waiter = || Waiter { wake, database };
        let asked = self.turns.ask(database, share, self.bounds, waiter);
        match asked {
            Asked::Runs => self.held += 1,
            Asked::Waits(number) => {
                self.waiting.insert(number, (database, now));
            }
            Asked::TenantFull | Asked::Full => {}
        }
        asked
    }

    /// One waits no longer, or has got its unit.
    pub(super) fn cancel(&mut self, number: u64) {
        self.waiting.remove(&number);
        self.turns.cancel(number);
    }

    /// A unit comes back: at once, or when what may be left of it has ended.
    pub(super) fn leave(&mut self, database: u64, after: Duration, now: Instant) {
        if after.is_zero() {
            self.held = self.held.saturating_sub(1);
            self.turns.leave(database);
        } else {
            self.lingering.push((now + after, database));
        }
    }

    /// Takes back what has lingered for long enough.
    pub(super) fn expire(&mut self, now: Instant) {
        let over = |(until, _): &(Instant, u64)| *until <= now;
        let (over, left): (Vec<_>, Vec<_>) = self.lingering.drain(..).partition(over);
        self.lingering = left;
        for (_, database) in over {
            self.leave(database, Duration::ZERO, now);
        }
    }

    /// The next to get a unit, which its database then has.
    pub(super) fn next(&mut self) -> Option<Waiter> {
        let (_, waiter) = self.turns.give_next()?;
        self.held += 1;
        Some(waiter)
    }

    /// How many units are wanted that could be had, were they not in use.
    pub(super) fn wanted(&self) -> usize {
        match self.held >= self.all && self.turns.peek().is_some() {
            true => self.turns.waiting(),
            false => 0,
        }
    }

    /// Since when another database than this one waits.
    pub(super) fn others_wait_since(&self, database: u64) -> Option<Instant> {
        let mut others = self.waiting.values().filter(|(other, _)| *other != database);
        others.next().map(|(_, since)| *since)
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.held >= self.all
    }

    pub(super) fn figures(&self) -> (usize, usize, usize) {
        (self.held, self.lingering.len(), self.turns.waiting())
    }
}
