//! A map of entries that many threads read.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{Arc, atomic::Ordering},
};

use hashbrown::{HashTable, hash_table};
use parking_lot::RwLock;

use super::Entry;

/// The most locks; a small table has fewer, so that each has enough entries to choose from when one has to go.
const SHARDS: usize = 64;
const ENTRIES_A_SHARD: usize = 256;

/// Maps a key to an entry that itself holds the key. A reader takes one shared lock of 64, and allocates nothing.
pub(crate) struct Table<V> {
    shards: Box<[Shard<V>]>,
    hashers: [RandomState; 2],
}

/// A key's 128 bits in one table: keyed at random (SipHash, Aumasson and Bernstein 2012), so nobody can choose two keys that
/// share them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyHash {
    place: u64,
    proof: u64,
}

type Shard<V> = RwLock<Slots<V>>;

/// An entry beside the hash of its key in this table, and its value: so that the two are fetched from memory at once.
struct Slot<V> {
    hash: KeyHash,
    value: V,
    entry: Arc<Entry<V>>,
}

struct Slots<V> {
    table: HashTable<Slot<V>>,
    /// Where the search for one to evict goes on.
    hand: usize,
}

impl<V: Clone> Table<V> {
    /// A table for about so many entries.
    pub(crate) fn new(capacity: usize) -> Self {
        let shard = |_| {
            RwLock::new(Slots {
                table: HashTable::new(),
                hand: 0,
            })
        };
        Self {
            shards: (0..(capacity / ENTRIES_A_SHARD).clamp(1, SHARDS))
                .map(shard)
                .collect(),
            hashers: [RandomState::new(), RandomState::new()],
        }
    }

    pub(crate) fn hash(&self, key: impl Hash) -> KeyHash {
        let [place, proof] = &self.hashers;
        KeyHash {
            place: place.hash_one(&key),
            proof: proof.hash_one(&key),
        }
    }

    /// Half of it, for a table whose keys are compared whenever one is looked for: two that share the half do not share an entry.
    pub(crate) fn hash_of_compared(&self, key: impl Hash) -> KeyHash {
        let [place, _] = &self.hashers;
        KeyHash {
            place: place.hash_one(&key),
            proof: 0,
        }
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is less than the length")]
    fn shard(&self, hash: KeyHash) -> &Shard<V> {
        &self.shards[self.index(hash)]
    }

    fn index(&self, hash: KeyHash) -> usize {
        // the table within takes the low bits, and the seven highest
        (hash.place >> 40) as usize % self.shards.len()
    }

    /// What `read` makes of the entry under `hash` that `is` says is the one. `read` must not come back here.
    pub(crate) fn with<R>(
        &self,
        hash: KeyHash,
        is: impl Fn(&V) -> bool,
        read: impl FnOnce(&Arc<Entry<V>>) -> R,
    ) -> Option<R> {
        let slots = self.shard(hash).read();
        let found = slots
            .table
            .find(hash.place, |slot| slot.hash == hash && is(&slot.value));
        found.map(|slot| read(&slot.entry))
    }

    /// Puts an entry in the place of the one that `is` names, and returns that.
    pub(crate) fn put(
        &self,
        hash: KeyHash,
        is: impl Fn(&V) -> bool,
        entry: Arc<Entry<V>>,
    ) -> Option<Arc<Entry<V>>> {
        let mut slots = self.shard(hash).write();
        let found = slots.table.entry(
            hash.place,
            |slot| slot.hash == hash && is(&slot.value),
            |slot| slot.hash.place,
        );
        let value = entry.value.clone();
        let slot = Slot { hash, value, entry };
        match found {
            hash_table::Entry::Occupied(mut old) => Some(std::mem::replace(old.get_mut(), slot).entry),
            hash_table::Entry::Vacant(vacant) => {
                vacant.insert(slot);
                None
            }
        }
    }

    /// Removes this very entry, and no later one with its key.
    pub(crate) fn remove(&self, hash: KeyHash, entry: &Arc<Entry<V>>) -> bool {
        let mut slots = self.shard(hash).write();
        let found = slots
            .table
            .find_entry(hash.place, |slot| Arc::ptr_eq(&slot.entry, entry));
        found.map(hash_table::OccupiedEntry::remove).is_ok()
    }

    /// One that was not asked for lately, near `hash` and not `spared`; removed.
    ///
    /// The clock algorithm (Corbató, 1968): a hand goes around, and takes the first that was not used since it last came
    /// by. What came new and was never asked for again goes before what is in use.
    pub(crate) fn evict(&self, hash: KeyHash, spared: &Arc<Entry<V>>) -> Option<Arc<Entry<V>>> {
        let near = self.shards.iter().cycle().skip(self.index(hash));
        let mut shards = near.take(self.shards.len());
        shards.find_map(|shard| shard.write().evict(spared))
    }

    /// All entries, one shard after another.
    pub(crate) fn all(&self) -> Vec<Arc<Entry<V>>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(shard.read().table.iter().map(|slot| Arc::clone(&slot.entry)));
        }
        all
    }
}

impl<V> Slots<V> {
    fn evict(&mut self, spared: &Arc<Entry<V>>) -> Option<Arc<Entry<V>>> {
        let buckets = self.table.num_buckets();
        for _ in 0..2 * buckets {
            self.hand = (self.hand + 1) % buckets;
            let Ok(slot) = self.table.get_bucket_entry(self.hand) else {
                continue;
            };
            let entry = &slot.get().entry;
            if !Arc::ptr_eq(entry, spared) && !entry.used.swap(false, Ordering::Relaxed) {
                return Some(slot.remove().0.entry);
            }
        }
        None
    }
}
