//! Hits and misses of caches, counted for next to nothing.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use super::{CACHE, CACHE_LOOKUPS, Published, RESULT, at_publish};

/// Counts what a cache had: an addition to a counter of its own, and nothing else, in the path of a request.
///
/// [`publish`](super::publish) hands the counts to the metrics' recorder. Cheap to clone; clones count as one.
#[derive(Clone, Debug)]
pub struct CacheMeter(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    cache: &'static str,
    /// By result: counted, and handed on.
    results: [(&'static str, AtomicU64, AtomicU64); 3],
}

impl CacheMeter {
    /// A meter for the cache of this name: `directory`, `memberships`, `tokens`, `keys`, `accounts`.
    #[must_use]
    pub fn new(cache: &'static str) -> Self {
        let results = ["hit", "stale", "miss"].map(|name| (name, AtomicU64::new(0), AtomicU64::new(0)));
        let counts = Arc::new(Counts { cache, results });
        at_publish(&counts);
        Self(counts)
    }

    /// A fresh answer was there.
    pub fn hit(&self) {
        let [(_, counted, _), ..] = &self.0.results;
        counted.fetch_add(1, Relaxed);
    }

    /// An old answer served while a new one was asked for.
    pub fn stale(&self) {
        let [_, (_, counted, _), _] = &self.0.results;
        counted.fetch_add(1, Relaxed);
    }

    /// There was none.
    pub fn miss(&self) {
        let [.., (_, counted, _)] = &self.0.results;
        counted.fetch_add(1, Relaxed);
    }
}

impl Published for Counts {
    fn publish(&self) {
        for (result, counted, told) in &self.results {
            let now = counted.load(Relaxed);
            let new = now.saturating_sub(told.swap(now, Relaxed));
            // a series that never counts is not begun
            if new > 0 {
                metrics::counter!(CACHE_LOOKUPS, CACHE => self.cache, RESULT => *result).increment(new);
            }
        }
    }
}
