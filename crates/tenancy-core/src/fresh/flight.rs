//! One look-up however many wait for it.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use parking_lot::Mutex;

use super::entry::Began;
use crate::{Error, Result};

/// How a look-up ended, for all who waited.
pub(super) struct Landed<V> {
    pub(super) began: Began,
    pub(super) answer: Result<Option<V>, Arc<Error>>,
}

impl<V: Clone> Clone for Landed<V> {
    fn clone(&self) -> Self {
        Self {
            began: self.began,
            answer: self.answer.clone(),
        }
    }
}

type Flight<V> = Shared<BoxFuture<'static, Landed<V>>>;

/// The look-ups under way: one a key, a bounded number of them.
pub(super) struct Flights<K, V> {
    under_way: Mutex<HashMap<K, Flight<V>>>,
    capacity: usize,
}

/// Takes a flight off the board when it ends, however it does.
pub(super) struct Landing<K: Hash + Eq, V>(pub(super) Arc<Flights<K, V>>, pub(super) K);

impl<K: Hash + Eq, V> Drop for Landing<K, V> {
    fn drop(&mut self) {
        self.0.under_way.lock().remove(&self.1);
    }
}

impl<K, V> Flights<K, V>
where
    K: Hash + Eq + Clone,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            under_way: Mutex::default(),
            capacity,
        }
    }

    /// The flight for `key`, or a new one that `start` begins as a task of its own: who stops waiting harms nobody.
    /// `None` when there are too many.
    pub(super) fn join(
        &self,
        key: &K,
        start: impl FnOnce() -> (Began, tokio::task::JoinHandle<Landed<V>>),
    ) -> Option<Flight<V>> {
        let mut under_way = self.under_way.lock();
        if let Some(flight) = under_way.get(key) {
            return Some(flight.clone());
        }
        if under_way.len() >= self.capacity {
            return None;
        }
        let (began, task) = start();
        let flight = task.map(move |landed| landed.unwrap_or_else(|_| crashed(began)));
        let flight = flight.boxed().shared();
        under_way.insert(key.clone(), flight.clone());
        Some(flight)
    }
}

fn crashed<V>(began: Began) -> Landed<V> {
    Landed {
        began,
        answer: Err(Arc::new(Error::internal("a look-up ended without an answer"))),
    }
}
