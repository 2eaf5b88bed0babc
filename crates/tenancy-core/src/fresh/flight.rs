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

/// The look-ups under way: one a key, a bounded number of them. Those that anybody may ask for have at most half of the places.
pub(super) struct Flights<K, V> {
    board: Mutex<Board<K, V>>,
    capacity: usize,
}

struct Board<K, V> {
    under_way: HashMap<K, (Flight<V>, bool)>,
    hints: usize,
}

/// Takes a flight off the board when it ends, however it does.
pub(super) struct Landing<K: Hash + Eq, V>(pub(super) Arc<Flights<K, V>>, pub(super) K);

impl<K: Hash + Eq, V> Drop for Landing<K, V> {
    fn drop(&mut self) {
        let mut board = self.0.board.lock();
        if let Some((_, true)) = board.under_way.remove(&self.1) {
            board.hints = board.hints.saturating_sub(1);
        }
    }
}

impl<K, V> Flights<K, V>
where
    K: Hash + Eq + Clone,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(capacity: usize) -> Self {
        let board = Mutex::new(Board {
            under_way: HashMap::new(),
            hints: 0,
        });
        Self { board, capacity }
    }

    /// The flight for `key`, or a new one that `start` begins as a task of its own: who stops waiting harms nobody.
    /// `None` when there are too many. `hint`: who proved nothing may ask for it.
    pub(super) fn join(
        &self,
        key: &K,
        hint: bool,
        start: impl FnOnce() -> (Began, tokio::task::JoinHandle<Landed<V>>),
    ) -> Option<Flight<V>> {
        let mut board = self.board.lock();
        if let Some((flight, _)) = board.under_way.get(key) {
            return Some(flight.clone());
        }
        let crowded = hint && board.hints >= self.capacity / 2;
        if crowded || board.under_way.len() >= self.capacity {
            return None;
        }
        let (began, task) = start();
        let flight = task.map(move |landed| landed.unwrap_or_else(|_| crashed(began)));
        let flight = flight.boxed().shared();
        board.hints += usize::from(hint);
        board.under_way.insert(key.clone(), (flight.clone(), hint));
        Some(flight)
    }
}

fn crashed<V>(began: Began) -> Landed<V> {
    Landed {
        began,
        answer: Err(Arc::new(Error::internal("a look-up ended without an answer"))),
    }
}
