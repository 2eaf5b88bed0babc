//! Whether look-ups fail.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// How often a look-up is tried while all fail, in milliseconds.
const PROBE: i64 = 1_000;

/// Knows whether look-ups fail, and says so in the log: once when it begins, once when it ends.
pub(super) struct Outage {
    what: &'static str,
    on: AtomicBool,
    next_probe: AtomicI64,
}

impl Outage {
    pub(super) fn new(what: &'static str) -> Self {
        Self {
            what,
            on: AtomicBool::new(false),
            next_probe: AtomicI64::new(0),
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on.load(Ordering::Acquire)
    }

    pub(super) fn begin(&self, now: i64, why: &crate::Error) {
        self.next_probe
            .store(now.saturating_add(PROBE), Ordering::Release);
        if !self.on.swap(true, Ordering::AcqRel) {
            let why = why.log().unwrap_or("it failed");
            tracing::warn!(
                what = self.what,
                why,
                "the registry does not answer: known tenants go on from the last known answers"
            );
        }
    }

    pub(super) fn end(&self) {
        if self.is_on() && self.on.swap(false, Ordering::AcqRel) {
            tracing::info!(what = self.what, "the registry answers again");
        }
    }

    /// Whether the caller is the one to try, this second.
    pub(super) fn may_probe(&self, now: i64) -> bool {
        let due = self.next_probe.load(Ordering::Acquire);
        let next = now.saturating_add(PROBE);
        now >= due
            && self
                .next_probe
                .compare_exchange(due, next, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }
}
