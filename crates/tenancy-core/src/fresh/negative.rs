//! Keys that nobody has.

use std::{collections::HashMap, hash::Hash, time::Duration};

use parking_lot::Mutex;

use super::{Freshness, entry::Began};
use crate::TenantId;

/// Remembers for a moment that there is none. Apart from the answers, so that a flood of keys that nobody has pushes
/// out none of those.
pub(super) struct Negative<K> {
    keys: Mutex<HashMap<K, Began>>,
    capacity: usize,
    keep: i64,
}

impl<K: Hash + Eq + Clone> Negative<K> {
    pub(super) fn new(capacity: usize, keep: Duration) -> Self {
        Self {
            keys: Mutex::default(),
            capacity,
            keep: i64::try_from(keep.as_millis()).unwrap_or_default(),
        }
    }

    /// Whether it is known that nobody has `key`. `tenant` is whose change could make it known, if only one's could.
    pub(super) fn has(&self, key: &K, tenant: Option<TenantId>, freshness: &Freshness) -> bool {
        let began = self.keys.lock().get(key).copied();
        began.is_some_and(|began| {
            freshness.now().saturating_sub(began.at) < self.keep && freshness.unchanged(began.seq, tenant)
        })
    }

    pub(super) fn put(&self, key: &K, began: Began) {
        let mut keys = self.keys.lock();
        if keys.len() >= self.capacity {
            let oldest = began.at.saturating_sub(self.keep);
            keys.retain(|_, began| began.at > oldest);
        }
        if keys.len() >= self.capacity {
            // each lives a second: to forget all costs a look-up each at most
            keys.clear();
        }
        keys.insert(key.clone(), began);
    }

    pub(super) fn remove(&self, key: &K) {
        self.keys.lock().remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CacheOptions;

    #[tokio::test(start_paused = true)]
    async fn a_million_keys_that_nobody_has_take_the_room_of_a_few() {
        let freshness = Freshness::new(&CacheOptions::default());
        let negative = Negative::new(1_000, Duration::from_secs(1));
        for key in 0..1_000_000_u32 {
            negative.put(&key, freshness.begin());
            assert!(negative.keys.lock().len() <= 1_000);
            assert!(negative.has(&key, None, &freshness));
            if key % 10_000 == 0 {
                tokio::time::advance(Duration::from_millis(300)).await;
            }
        }
        assert!(negative.keys.lock().capacity() < 4_000);
    }
}
