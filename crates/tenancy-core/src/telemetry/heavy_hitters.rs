//! The most frequent of a stream, in bounded memory: Space-Saving (Metwally, Agrawal and El Abbadi, 2005).

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

#[derive(Clone, Copy, Debug)]
struct Counter {
    count: u64,
    /// What the key may have inherited from those it replaced.
    error: u64,
}

/// Counts keys with a fixed number of counters. A key that made more than one in `capacity` of the stream is in it, and its
/// count is too high by no more than that.
#[derive(Debug)]
pub(super) struct HeavyHitters<K> {
    capacity: usize,
    counters: HashMap<K, Counter>,
    order: BTreeSet<(u64, K)>,
}

impl<K: Copy + Eq + Hash + Ord> HeavyHitters<K> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            counters: HashMap::new(),
            order: BTreeSet::new(),
        }
    }

    pub(super) fn count(&mut self, key: K) {
        let before = match self.counters.get(&key) {
            Some(known) => *known,
            None if self.counters.len() < self.capacity => Counter { count: 0, error: 0 },
            None => self.evict(),
        };
        self.order.remove(&(before.count, key));
        let count = before.count.saturating_add(1);
        self.order.insert((count, key));
        self.counters.insert(
            key,
            Counter {
                count,
                error: before.error,
            },
        );
    }

    /// Makes room: the least frequent goes, of those the lowest key, and leaves its count to who comes.
    fn evict(&mut self) -> Counter {
        let Some((count, least)) = self.order.pop_first() else {
            return Counter { count: 0, error: 0 };
        };
        self.counters.remove(&least);
        Counter { count, error: count }
    }

    /// How often each key came at least, most frequent first; equals in the order of their keys. Begins anew.
    pub(super) fn drain(&mut self) -> Vec<(K, u64)> {
        self.order.clear();
        let counters = self.counters.drain();
        let mut all: Vec<_> = counters
            .map(|(key, counter)| (key, counter.count.saturating_sub(counter.error)))
            .collect();
        all.sort_by(|(a, left), (b, right)| right.cmp(left).then(a.cmp(b)));
        all
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.counters.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frequent_survive_a_flood_of_others() {
        let mut hitters = HeavyHitters::new(100);
        for n in 0..100_000_u32 {
            hitters.count(1_000 + n);
            if n % 10 == 0 {
                hitters.count(n / 10 % 4);
            }
        }
        assert_eq!(hitters.len(), 100);
        let mut top: Vec<u32> = hitters.drain().iter().take(4).map(|(key, _)| *key).collect();
        top.sort_unstable();
        assert_eq!(top, [0, 1, 2, 3]);
        assert_eq!(hitters.drain(), []);
    }

    #[test]
    fn counts_are_exact_while_there_is_room() {
        let mut hitters = HeavyHitters::new(3);
        for key in ["b", "a", "c", "b", "a", "b"] {
            hitters.count(key);
        }
        assert_eq!(hitters.drain(), [("b", 3), ("a", 2), ("c", 1)]);
    }
}
