//! Entries in a row, found by their key.

use hashbrown::HashTable;

/// Entries in a row, each with its key, found by the key's hash, which is computed once a request and by whoever asks: it has to be
/// keyed at random where a client can choose the keys.
pub(crate) struct Slots<K, V> {
    places: HashTable<usize>,
    row: Vec<Slot<K, V>>,
}

struct Slot<K, V> {
    hash: u64,
    key: K,
    value: V,
}

impl<K, V> Default for Slots<K, V> {
    fn default() -> Self {
        Self {
            places: HashTable::new(),
            row: Vec::new(),
        }
    }
}

impl<K: Copy + Eq, V> Slots<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.row.len()
    }

    /// Where the key's entry is.
    pub(crate) fn place(&self, hash: u64, key: &K) -> Option<usize> {
        let is = |place: &usize| self.row.get(*place).is_some_and(|slot| slot.key == *key);
        self.places.find(hash, is).copied()
    }

    /// The entry at a place.
    pub(crate) fn at(&mut self, place: usize) -> Option<&mut V> {
        self.row.get_mut(place).map(|slot| &mut slot.value)
    }

    /// Adds an entry for a key that has none, and says where it is.
    pub(crate) fn add(&mut self, hash: u64, key: K, value: V) -> usize {
        let place = self.row.len();
        self.row.push(Slot { hash, key, value });
        let row = &self.row;
        let again = |place: &usize| row.get(*place).map_or(0, |slot| slot.hash);
        self.places.insert_unique(hash, place, again);
        place
    }

    /// Removes the entry at a place; the last one moves there.
    pub(crate) fn forget(&mut self, place: usize) {
        if place >= self.row.len() {
            return;
        }
        let slot = self.row.swap_remove(place);
        if let Ok(found) = self.places.find_entry(slot.hash, |at| *at == place) {
            found.remove();
        }
        let moved = self.row.len();
        let Some(slot) = self.row.get(place) else { return };
        if let Some(at) = self.places.find_mut(slot.hash, |at| *at == moved) {
            *at = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Keys come and go as in a map, also those that share a hash.
        #[test]
        fn entries_are_found_by_their_keys(
            steps in prop::collection::vec((any::<bool>(), 0..24_u64), 0..200),
            hashes in 1..24_u64,
        ) {
            let (mut slots, mut expect) = (Slots::default(), HashMap::new());
            for (n, (comes, key)) in steps.into_iter().enumerate() {
                let hash = (key % hashes).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                match (comes, slots.place(hash, &key)) {
                    (true, None) => {
                        slots.add(hash, key, n);
                        expect.insert(key, n);
                    }
                    (true, Some(place)) => {
                        *slots.at(place).unwrap() = n;
                        expect.insert(key, n);
                    }
                    (false, Some(place)) => {
                        slots.forget(place);
                        expect.remove(&key);
                    }
                    (false, None) => prop_assert!(!expect.contains_key(&key)),
                }
                prop_assert_eq!(slots.len(), expect.len());
                for key in 0..24_u64 {
                    let hash = (key % hashes).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    let found = slots.place(hash, &key).and_then(|place| slots.at(place).copied());
                    prop_assert_eq!(found, expect.get(&key).copied(), "{}", key);
                }
            }
        }
    }
}
