//! One answer, and when it was true.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::TenantId;

/// When a look-up began: what it answers is at least as new as that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    /// The last change that was known of.
    pub(super) seq: u64,
    /// Milliseconds on the clock of [`Freshness`](super::Freshness).
    pub(super) at: i64,
    /// The order of look-ups.
    pub(super) ticket: u64,
}

/// One answer about a tenant.
pub(crate) struct Entry<V> {
    pub(crate) value: V,
    /// Whose changes age it.
    pub(crate) tenant: TenantId,
    pub(crate) began: Began,
    /// No change up to this one made it wrong. Rises while it is read.
    pub(super) checked: AtomicU64,
    /// Whether it was asked for since the clock's hand last passed it.
    pub(super) used: AtomicBool,
}

impl<V> Entry<V> {
    pub(crate) fn new(value: V, tenant: TenantId, began: Began) -> Self {
        Self {
            value,
            tenant,
            began,
            checked: AtomicU64::new(began.seq),
            used: AtomicBool::new(false),
        }
    }

    /// Whether the look-up of this one began after the other's.
    pub(crate) fn is_later_than(&self, other: &Began) -> bool {
        self.began.ticket > other.ticket
    }

    /// Whether it was asked for, and not read from what an earlier process left.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.began.ticket > 0
    }

    /// Stores only when there is something to say: readers share the line.
    pub(super) fn touch(&self) {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }
}
