//! What a process asks of the shared store, and what it is told.

use std::time::Duration;

/// A question to the shared store: what passed, what is kept, what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Requests a window.
    pub(crate) limit: u64,
    /// The store's memory that the rest refers to; 0 when none is known, and then `passed` is everything.
    pub(crate) memory: u64,
    /// The lease that the store has on its books: the piece it is kept under, and its size.
    pub(crate) returned: (u64, u64),
    /// How much of it is kept.
    pub(crate) kept: u64,
    /// How much is wanted besides.
    pub(crate) more: u64,
    /// What passed: how long ago, and how many.
    pub(crate) passed: Vec<(Duration, u32)>,
}

/// What the shared store says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The store's memory: another one when it has forgotten.
    pub(crate) memory: u64,
    /// The piece under which the lease is on its books.
    pub(crate) piece: u64,
    /// The lease: what was kept, and what was granted.
    pub(crate) leased: u64,
    /// What is left for everybody besides.
    pub(crate) remaining: u64,
    /// When something will be, if nothing is.
    pub(crate) retry_after: Duration,
    /// When all are back.
    pub(crate) reset: Duration,
}

/// A lease, and what is known of the store.
#[derive(Debug, Default)]
pub(super) struct Lease {
    /// How much of it is left.
    pub(super) left: u64,
    /// How large it is on the store's books, and under which piece.
    pub(super) size: u64,
    pub(super) piece: u64,
    /// Until when it may be used.
    pub(super) until: Duration,
    /// The store's memory; 0 when nothing is known.
    pub(super) memory: u64,
    /// What was left for everybody when the store last spoke; `None` when it has not.
    pub(super) remaining: Option<u64>,
    /// When all are back.
    pub(super) reset_at: Duration,
    /// Until when the store said that there is nothing, and for which limit.
    pub(super) nothing: Option<(Duration, u64)>,
    /// How many passed that no lease covered and that the store has not answered for.
    pub(super) unasked: u64,
    /// The question that is on its way.
    pub(super) asked: Option<Asked>,
    /// Which time the store was found.
    pub(super) era: u64,
}

/// A question that is on its way.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) at: Duration,
    pub(super) told: Vec<(u64, u32)>,
    /// How many of what it told had passed unasked.
    pub(super) unasked: u64,
}

impl Lease {
    /// The store was lost and found again: what it said before is worth nothing, what it remembers is for it to say.
    pub(super) fn in_era(&mut self, era: u64) {
        if self.era != era {
            *self = Self {
                memory: self.memory,
                era,
                ..Self::default()
            };
        }
    }

    /// What can be used now.
    pub(super) fn usable(&self, now: Duration) -> u64 {
        if now < self.until { self.left } else { 0 }
    }

    /// Whether it is time to ask for more: half is used, or half its life is over.
    pub(super) fn runs_out(&self, now: Duration, life: Duration) -> bool {
        self.left * 2 <= self.size || now + life / 2 >= self.until
    }
}
