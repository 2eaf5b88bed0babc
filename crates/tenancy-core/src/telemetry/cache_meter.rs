//! Hits and misses of caches, counted for next to nothing.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use parking_lot::Mutex;

use super::{CACHE, CACHE_LOOKUPS, RESULT};

/// Every meter there is, so that [`publish`] finds them; as many as there are caches.
static METERS: Mutex<Vec<Weak<Counts>>> = Mutex::new(Vec::new());

/// Counts what a cache had: an addition to a counter of its own, and nothing else, in the path of a request.
///
/// [`publish`] hands the counts to the metrics' recorder. Cheap to clone; clones count as one.
#[derive(Clone, Debug)]
pub struct CacheMeter(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    cache: &'static str,
    /// By result: counted, and handed on.
    results: [(&'static str, AtomicU64, AtomicU64); 3],
}

impl CacheMeter {
    /// A meter for the cache of this name: `directory`, `memberships`, `tokens`, `keys`.
    #[must_use]
    pub fn new(cache: &'static str) -> Self {
        let results = ["hit", "stale", "miss"].map(|name| (name, AtomicU64::new(0), AtomicU64::new(0)));
        let counts = Arc::new(Counts { cache, results });
        let mut meters = METERS.lock();
        meters.retain(|meter| meter.strong_count() > 0);
        meters.push(Arc::downgrade(&counts));
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

impl Counts {
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

/// Hands what the caches counted to the metrics' recorder. The `/metrics` route of `tenancy` does so before it answers; who
/// exports metrics another way calls it at each export.
pub fn publish() {
    let meters: Vec<_> = METERS.lock().iter().filter_map(Weak::upgrade).collect();
    meters.iter().for_each(|meter| meter.publish());
}
