//! A map that stays small.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
};

/// A map of at most so many entries. It forgets the ones that were not used for long, half of them at a time: no list is
/// kept of what was used when.
pub(crate) struct Bounded<K, V, S = RandomState> {
    half: usize,
    young: HashMap<K, V, S>,
    old: HashMap<K, V, S>,
}

/// What was found, and whether it is about to be forgotten: insert it again to keep it.
pub(crate) enum Found<V> {
    Young(V),
    Old(V),
}

impl<K: Hash + Eq, V: Clone, S: BuildHasher + Default> Bounded<K, V, S> {
    /// A map of at most `capacity` entries, rounded down to an even number.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            half: capacity / 2,
            young: HashMap::default(),
            old: HashMap::default(),
        }
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<Found<V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let young = self.young.get(key).map(|value| Found::Young(value.clone()));
        young.or_else(|| self.old.get(key).map(|value| Found::Old(value.clone())))
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.half == 0 {
            return;
        }
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(map: &Bounded<u32, u32>, key: u32, expect: Option<u32>) {
        let found = map.get(&key).map(|found| match found {
            Found::Young(value) | Found::Old(value) => value,
        });
        assert_eq!(found, expect, "{key}");
    }

    #[test]
    fn it_never_holds_more_than_it_may_and_keeps_what_is_used() {
        let mut map = Bounded::new(10);
        for key in 0..1000 {
            map.insert(key, key);
            if let Some(Found::Old(value)) = map.get(&0) {
                map.insert(0, value);
            }
            assert!(map.young.len() <= 5 && map.old.len() <= 5, "{key}");
        }
        check(&map, 0, Some(0));
        check(&map, 1, None);
        check(&map, 999, Some(999));
    }

    #[test]
    fn the_last_value_counts_wherever_the_first_one_is() {
        let mut map = Bounded::new(4);
        for (key, value) in [(1, 1), (2, 2), (3, 3), (1, 7)] {
            map.insert(key, value);
        }
        check(&map, 1, Some(7));
    }

    #[test]
    fn half_of_what_it_may_hold_is_never_forgotten_for_the_other() {
        let mut map = Bounded::new(10);
        for key in 0..100_u32 {
            map.insert(key, key);
            for known in key.saturating_sub(4)..=key {
                check(&map, known, Some(known));
            }
        }
        // one that is there already takes no room
        for key in 95..100 {
            map.insert(key, 7);
        }
        assert_eq!((map.young.len(), map.old.len()), (5, 5));
    }

    #[test]
    fn one_without_room_holds_nothing() {
        let mut map = Bounded::new(1);
        map.insert(1, 1);
        check(&map, 1, None);
    }
}
