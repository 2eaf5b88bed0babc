//! The accounts of all keys, bounded.

use std::{
    hash::{BuildHasher, Hash},
    time::Duration,
};

use foldhash::fast::RandomState;
use parking_lot::{Mutex, MutexGuard};

use super::account::Account;
use crate::slots::Slots;

/// How many keys are looked at to find one to forget.
const LOOKS: usize = 8;
/// How many locks there are.
const SHARDS: usize = 64;

/// The accounts of at most a fixed number of keys.
///
/// A new key in a full map takes the place of one that has used nothing in its window, or else of the one that has used
/// least among a few: who is at the limit is the last to be forgotten.
pub(crate) struct Accounts<K> {
    shards: Box<[Mutex<Shard<K>>]>,
    /// No client chooses an id of ours: a fast hash serves.
    hasher: RandomState,
    most: usize,
}

pub(crate) struct Shard<K> {
    accounts: Slots<K, Account>,
    hand: usize,
}

impl<K: Copy + Eq + Hash> Accounts<K> {
    /// Room for `most` keys.
    pub(crate) fn new(most: usize) -> Self {
        let shard = |_| {
            Mutex::new(Shard {
                accounts: Slots::default(),
                hand: 0,
            })
        };
        Self {
            shards: (0..SHARDS).map(shard).collect(),
            hasher: RandomState::default(),
            most: most.div_ceil(SHARDS).max(1),
        }
    }

    /// The part of the map that a key is in, locked, and the key's hash.
    fn shard(&self, key: &K) -> Option<(u64, MutexGuard<'_, Shard<K>>)> {
        let hash = self.hasher.hash_one(key);
        // the table within takes the low bits, and the seven highest
        let shard = usize::try_from((hash >> 40) % SHARDS as u64).ok()?;
        Some((hash, self.shards.get(shard)?.lock()))
    }

    /// Does something with a key's account, which is made when it is not there. O(1).
    pub(crate) fn with<T>(
        &self,
        key: K,
        now: Duration,
        piece: Duration,
        work: impl FnOnce(&mut Account) -> T,
    ) -> Option<T> {
        let (hash, mut shard) = self.shard(&key)?;
        let place = match shard.accounts.place(hash, &key) {
            Some(place) => place,
            None => {
                if shard.accounts.len() >= self.most {
                    shard.forget_one(now, piece);
                }
                shard.accounts.add(hash, key, Account::default())
            }
        };
        shard.accounts.at(place).map(work)
    }

    /// Does something with a key's account if it is there.
    pub(crate) fn if_there<T>(&self, key: &K, work: impl FnOnce(&mut Account) -> T) -> Option<T> {
        let (hash, mut shard) = self.shard(key)?;
        let place = shard.accounts.place(hash, key)?;
        shard.accounts.at(place).map(work)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().accounts.len()).sum()
    }
}

/// Does something with the accounts of a user and its tenant, one of them or none. The user's lock is always taken first.
pub(crate) fn pair<U: Copy + Eq + Hash, T: Copy + Eq + Hash, R>(
    (users, user): (&Accounts<U>, Option<U>),
    (tenants, tenant): (&Accounts<T>, Option<T>),
    (now, piece): (Duration, Duration),
    work: impl FnOnce(Option<&mut Account>, Option<&mut Account>) -> R,
) -> Option<R> {
    match (user, tenant) {
        (None, None) => Some(work(None, None)),
        (Some(user), None) => users.with(user, now, piece, |user| work(Some(user), None)),
        (None, Some(tenant)) => tenants.with(tenant, now, piece, |tenant| work(None, Some(tenant))),
        (Some(user), Some(tenant)) => users
            .with(user, now, piece, |user| {
                tenants.with(tenant, now, piece, |tenant| work(Some(user), Some(tenant)))
            })
            .flatten(),
    }
}

impl<K: Copy + Eq> Shard<K> {
    fn forget_one(&mut self, now: Duration, piece: Duration) {
        let mut least: Option<(u64, usize)> = None;
        for _ in 0..LOOKS.min(self.accounts.len()) {
            self.hand = (self.hand + 1) % self.accounts.len();
            let Some(account) = self.accounts.at(self.hand) else {
                continue;
            };
            let weight = account.weight(now, piece);
            if least.is_none_or(|(other, _)| weight < other) {
                least = Some((weight, self.hand));
            }
            if weight == 0 {
                break;
            }
        }
        if let Some((_, place)) = least {
            self.accounts.forget(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::terms::{Mode, Terms};
    use super::*;

    const TERMS: Terms = Terms {
        limit: 10,
        window: Duration::from_secs(60),
        replicas: 1,
    };

    #[test]
    fn the_map_is_bounded_and_who_is_at_the_limit_stays() {
        let accounts = Accounts::<u64>::new(640);
        let pass = |key: u64| {
            let now = Duration::from_secs(1);
            accounts.with(key, now, TERMS.piece(), |account| {
                let allowed = account.standing(now, &TERMS, Mode::Local).allowed;
                if allowed {
                    account.pass(now, &TERMS, Mode::Local);
                }
                allowed
            })
        };
        for _ in 0..10 {
            assert_eq!(pass(7), Some(true));
        }
        assert_eq!(pass(7), Some(false));
        for key in 1_000..200_000 {
            assert_eq!(pass(key), Some(true));
        }
        assert!(accounts.len() <= 640, "{}", accounts.len());
        assert_eq!(pass(7), Some(false), "a flood has made it fresh");
    }
}
