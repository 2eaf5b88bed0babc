//! Closes idle connections: for callers of other databases, and those that idle for too long.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Inner, Pool, close};
use crate::budget::Budget;

/// Closes the least recently used idle connections of all pools: as many as callers wait for.
pub(super) fn for_others(budget: &Arc<Budget>) {
    while let Some(closing) = budget.wants_one_closed() {
        let Some(slot) = least_recently_used(budget) else {
            return;
        };
        close::spawn_as(closing, slot);
    }
}

fn least_recently_used(budget: &Budget) -> Option<super::slot::Slot> {
    let mut pools = budget.pools();
    // who waits for the budget takes what idles in its own pool
    pools.retain(|pool| !pool.has_openers());
    let idle = |pool: Arc<Inner>| {
        let oldest = pool.state.lock().oldest();
        oldest.map(|oldest| (oldest, pool))
    };
    let mut idle: Vec<_> = pools.into_iter().filter_map(idle).collect();
    idle.sort_by_key(|(oldest, _)| *oldest);
    // one that was taken meanwhile is no longer there
    idle.into_iter()
        .find_map(|(oldest, pool)| pool.state.lock().evict_oldest(oldest))
}

impl Pool {
    /// Closes the connections that idle since then or longer. True when the pool has none left, and nobody uses it.
    pub(crate) fn evict_idle_since(&self, since: Instant) -> bool {
        let inner = &self.inner;
        loop {
            let Some(slot) = inner.state.lock().evict_oldest(since) else {
                break;
            };
            close::spawn(&inner.budget, slot);
        }
        inner.canceller.close_idle_since(since);
        Arc::strong_count(inner) == 1 && inner.state.lock().is_unused(since) && inner.canceller.is_closed()
    }
}
