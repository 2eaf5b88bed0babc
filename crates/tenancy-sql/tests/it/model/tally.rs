//! What was done, and what was wrong.

use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum Count {
    Operations,
    /// Read to the end and compared with what may be found.
    Read,
    Committed,
    /// Cut or failed while it was committed.
    Perhaps,
    RolledBack,
    /// Hostile, and refused before it was sent.
    Refused,
    /// Hostile, and run or refused inside of a function.
    Smuggled,
    Cut,
    TimedOut,
    Failed,
    /// Connections killed, broken, cut or silenced.
    Broken,
}

/// Their names, in order.
const NAMES: [&str; 11] = [
    "operations",
    "reads",
    "commits",
    "unknown",
    "rolled back",
    "refused",
    "smuggled",
    "cut",
    "timed out",
    "failed",
    "broken",
];

/// How many faults are told; one is enough to stop.
const TOLD: usize = 10;

/// What was done, and what was wrong.
#[derive(Default)]
pub(super) struct Tally {
    counts: [AtomicU64; NAMES.len()],
    wrong: Mutex<Vec<String>>,
    is_wrong: AtomicBool,
}

impl Tally {
    pub(super) fn add(&self, count: Count) {
        self.counts[count as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn of(&self, count: Count) -> u64 {
        self.counts[count as usize].load(Ordering::Relaxed)
    }

    pub(super) fn wrong(&self, what: impl Into<String>) {
        let mut wrong = self.wrong.lock().unwrap();
        if wrong.len() < TOLD {
            wrong.push(what.into());
        }
        self.is_wrong.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_wrong(&self) -> bool {
        self.is_wrong.load(Ordering::Relaxed)
    }

    pub(super) fn wrongs(&self) -> Vec<String> {
        self.wrong.lock().unwrap().clone()
    }

    pub(super) fn assert_right(&self) {
        let wrong = self.wrongs();
        assert!(wrong.is_empty(), "{}\n{self}", wrong.join("\n"));
    }

    /// Takes another one's counts to its own.
    pub(super) fn absorb(&self, other: &Self) {
        for (own, other) in self.counts.iter().zip(&other.counts) {
            own.fetch_add(other.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        other.wrongs().into_iter().for_each(|what| self.wrong(what));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in NAMES.iter().zip(&self.counts) {
            write!(f, "{} {name}, ", count.load(Ordering::Relaxed))?;
        }
        write!(f, "{} wrong", self.wrongs().len())
    }
}
