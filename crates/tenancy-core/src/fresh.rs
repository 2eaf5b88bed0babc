//! A cache that forgets fast: single flight, bounded, and never older than a second.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures::FutureExt;
use moka::future::Cache;

use crate::Result;

/// How old an answer may be when no change was announced: the bound that holds without push.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// How many answers are kept.
const CAPACITY: u64 = 10_000;

/// Tells caches that something changed. Cheap to clone; all clones speak for the same caches.
///
/// Every change ages every answer: a notification carries no data, so a cache does not learn what changed.
#[derive(Clone, Debug, Default)]
pub struct Invalidator(Arc<AtomicU64>);

impl Invalidator {
    /// Ages all that was learnt before this call.
    pub fn changed(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn generation(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
struct Entry<V> {
    /// Read before the load began: what changed during the load ages its answer.
    generation: u64,
    loaded_at: Instant,
    answer: std::result::Result<V, Arc<crate::Error>>,
}

/// Maps `K` to an answer that is at most [`FRESH_FOR`] old. Errors are shared with those who waited for the same
/// load, and never kept for those who come later.
pub(crate) struct FreshCache<K, V> {
    entries: Cache<K, Entry<V>>,
    invalidator: Invalidator,
}

impl<K, V> FreshCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(invalidator: &Invalidator) -> Self {
        let entries = Cache::builder()
            .max_capacity(CAPACITY)
            .time_to_live(2 * FRESH_FOR)
            .build();
        Self {
            entries,
            invalidator: invalidator.clone(),
        }
    }

    /// The answer for `key`, from the cache or from `load`; one load at a time for each key.
    pub(crate) async fn get<F>(&self, key: &K, load: impl Fn() -> F) -> Result<V>
    where
        F: Future<Output = Result<V>>,
    {
        let arrived = (self.invalidator.generation(), Instant::now());
        let fill = async || {
            let (generation, loaded_at) = (self.invalidator.generation(), Instant::now());
            Entry {
                generation,
                loaded_at,
                answer: load().await.map_err(Arc::new),
            }
        };
        let entry = self.entry(key, fill(), arrived).await;
        let entry = if Self::serves(&entry, arrived) {
            entry
        } else {
            // who waited for a load that began before it came asks once more: the next one begins after
            self.entry(key, fill(), arrived).await
        };
        entry.answer.map_err(|error| error.shared())
    }

    /// The answer for `key`, when it is here and fresh. It waits for nothing.
    pub(crate) fn peek(&self, key: &K) -> Option<V> {
        let entry = self.entries.get(key).now_or_never().flatten()?;
        let fresh = Self::serves(&entry, (self.invalidator.generation(), Instant::now()));
        entry.answer.ok().filter(|_| fresh)
    }

    /// The entry that is there, that another load brings, or that `fill` brings.
    async fn entry(
        &self,
        key: &K,
        fill: impl Future<Output = Entry<V>>,
        arrived: (u64, Instant),
    ) -> Entry<V> {
        let entry = self.entries.entry_by_ref(key);
        entry
            .or_insert_with_if(fill, |entry| !Self::serves(entry, arrived))
            .await
            .into_value()
    }

    /// Whether an entry serves someone who arrived at that generation and time.
    fn serves(entry: &Entry<V>, (generation, now): (u64, Instant)) -> bool {
        let unchanged = entry.generation >= generation;
        let fresh = now.saturating_duration_since(entry.loaded_at) < FRESH_FOR;
        // an error serves those who were waiting while it was loaded
        let usable = entry.answer.is_ok() || entry.loaded_at >= now;
        unchanged && fresh && usable
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn cache() -> (FreshCache<u8, usize>, Invalidator, Arc<AtomicUsize>) {
        let invalidator = Invalidator::default();
        (FreshCache::new(&invalidator), invalidator, Arc::default())
    }

    async fn ask(cache: &FreshCache<u8, usize>, loads: &AtomicUsize) -> usize {
        let load = || async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(loads.fetch_add(1, Ordering::SeqCst))
        };
        cache.get(&1, load).await.unwrap()
    }

    #[tokio::test]
    async fn a_hundred_waiters_cause_one_load() {
        let (cache, _, loads) = cache();
        futures::future::join_all((0..100).map(|_| ask(&cache, &loads))).await;
        assert_eq!(loads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_change_is_seen_at_once() {
        let (cache, invalidator, loads) = cache();
        assert_eq!(ask(&cache, &loads).await, 0);
        assert_eq!(ask(&cache, &loads).await, 0);
        invalidator.changed();
        assert_eq!(ask(&cache, &loads).await, 1);
    }

    #[tokio::test]
    async fn a_change_during_a_load_ages_its_answer() {
        let (cache, invalidator, loads) = cache();
        let change = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            invalidator.changed();
        };
        tokio::join!(ask(&cache, &loads), change);
        assert_eq!(ask(&cache, &loads).await, 1);
    }

    #[tokio::test]
    async fn without_push_a_change_is_seen_within_a_second() {
        let (cache, _, loads) = cache();
        assert_eq!(ask(&cache, &loads).await, 0);
        tokio::time::sleep(FRESH_FOR).await;
        assert_eq!(ask(&cache, &loads).await, 1);
    }

    #[tokio::test]
    async fn an_error_is_not_kept() {
        let (cache, _, loads) = cache();
        let down = cache
            .get(&1, || async { Err(crate::Error::unavailable("down")) })
            .await;
        assert_eq!(down.unwrap_err().kind(), crate::Kind::Unavailable);
        assert_eq!(ask(&cache, &loads).await, 0);
    }

    #[tokio::test]
    async fn who_comes_after_a_change_is_not_answered_by_a_load_that_began_before_it() {
        let (cache, invalidator, loads) = cache();
        let late = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            invalidator.changed();
            ask(&cache, &loads).await
        };
        assert_eq!(tokio::join!(ask(&cache, &loads), late), (0, 1));
    }
}
