//! What a key is held to.

use std::time::Duration;

use super::window::PIECES;

/// How requests are counted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// This process alone.
    Local,
    /// By leases out of the store that replicas share. The number changes each time that store was lost and found.
    Shared(u64),
    /// This process alone, for as long as the store is away: a share of the limit.
    Degraded,
}

/// The limit of one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Requests a window; `None` when there is no limit.
    pub(crate) limit: u64,
    /// The window.
    pub(crate) window: Duration,
    /// How many processes share the limit.
    pub(crate) replicas: u64,
}

impl Terms {
    /// One piece of the window: the grain of all counting. At least a microsecond.
    pub(crate) fn piece(&self) -> Duration {
        let pieces = u32::try_from(PIECES).unwrap_or(u32::MAX);
        (self.window / pieces).max(Duration::from_micros(1))
    }

    /// What this process may let through by itself while the shared store is away: its part of the limit, rounded up.
    pub(crate) fn alone(&self) -> u64 {
        self.limit.div_ceil(self.replicas)
    }

    /// What this process may let through before the shared store has said anything: its part of a twentieth of the limit,
    /// at least one. All of it is charged afterwards.
    pub(crate) fn unasked(&self) -> u64 {
        (self.limit / 20 / self.replicas).max(1)
    }

    /// The most that is leased at a time.
    pub(crate) fn most(&self) -> u64 {
        (self.limit / 10).max(1)
    }

    /// How long a lease lives: a quarter of the window.
    pub(crate) fn life(&self) -> Duration {
        self.window / 4
    }

    /// Below this many left the end is near: nothing more is let through unasked than one.
    pub(crate) fn near_the_end(&self) -> u64 {
        self.limit / 20
    }
}
