//! Whether the shared store is there.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::meters::Meters;

/// Whether the shared store is there. An even number: it is; an odd one: it is not; each change raises it by one. It is not
/// in the beginning.
pub(crate) struct Breaker {
    era: AtomicU64,
    meters: Arc<Meters>,
}

impl Breaker {
    pub(crate) fn new(meters: Arc<Meters>) -> Self {
        meters.degraded.set(1.0);
        Self {
            era: AtomicU64::new(1),
            meters,
        }
    }

    /// Which time the store is there; `None` when it is away.
    pub(crate) fn era(&self) -> Option<u64> {
        let era = self.era.load(Ordering::Acquire);
        era.is_multiple_of(2).then_some(era)
    }

    /// The store did not answer. True for the first to say so.
    pub(crate) fn lost(&self) -> bool {
        let first = self.step(0);
        if first {
            self.meters.degraded.set(1.0);
        }
        first
    }

    /// The store answers.
    pub(crate) fn found(&self) {
        if self.step(1) {
            self.meters.degraded.set(0.0);
        }
    }

    /// Raises the number if its remainder is this.
    fn step(&self, remainder: u64) -> bool {
        let raise = |era: u64| (era % 2 == remainder).then_some(era + 1);
        self.era
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, raise)
            .is_ok()
    }
}
