//! Keys that were fetched together, and how long they hold.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Key, source::Timing};

/// The server's keys at one time.
pub(super) struct KeySet {
    keys: HashMap<Box<str>, Arc<Key>>,
    /// From here on they are fetched again, beside the requests that they serve.
    pub(super) refresh_at: Instant,
    /// From here on they serve only while the server fails.
    pub(super) fresh_until: Instant,
    /// From here on they serve no more.
    pub(super) usable_until: Instant,
}

impl KeySet {
    /// `asked_at` is when the fetch began: what the server said may be as old.
    pub(super) fn new(
        keys: HashMap<Box<str>, Key>,
        lifetime: Duration,
        asked_at: Instant,
        timing: &Timing,
    ) -> Self {
        let lifetime = lifetime.clamp(timing.min_fresh, timing.max_fresh);
        let fresh_until = asked_at + lifetime;
        Self {
            keys: keys.into_iter().map(|(kid, key)| (kid, Arc::new(key))).collect(),
            refresh_at: asked_at + lifetime * 4 / 5,
            fresh_until,
            usable_until: fresh_until + timing.stale,
        }
    }

    /// Takes over the other's keys where they are the same: who holds one can tell by its address that it is still trusted.
    pub(super) fn keep(&mut self, other: &Self) {
        for (kid, key) in &mut self.keys {
            if let Some(known) = other.keys.get(kid).filter(|known| known.is(key)) {
                *key = Arc::clone(known);
            }
        }
    }

    pub(super) fn get(&self, kid: &str) -> Option<Arc<Key>> {
        self.keys.get(kid).cloned()
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("kids", &self.keys.keys())
            .finish_non_exhaustive()
    }
}
