//! Who has which connection, and who is next: plain data, no I/O.

use std::collections::VecDeque;

use tenancy_core::TenantId;
use tokio::sync::oneshot;

use super::{
    lease::Lease,
    slot::{Session, Slot},
};

/// What a connection is wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Read,
    Transaction,
}

/// What a caller got.
pub(super) enum Taken {
    /// An idle connection.
    Slot(Box<Slot>),
    /// The right to open one.
    Room,
    /// A place in the queue.
    Wait(oneshot::Receiver<Lease>),
    /// None: the queue is full.
    Full,
}

pub(super) struct State {
    /// How many more connections may be opened.
    room: usize,
    /// Most recently used last.
    idle: Vec<Slot>,
    waiting: VecDeque<oneshot::Sender<Lease>>,
    max_waiting: usize,
}

impl State {
    pub(super) fn new(room: usize, max_waiting: usize) -> Self {
        Self {
            room,
            idle: Vec::with_capacity(room),
            waiting: VecDeque::new(),
            max_waiting,
        }
    }

    pub(super) fn take(&mut self, tenant: TenantId, need: Need) -> Taken {
        if let Some(at) = self.best_idle(tenant, need) {
            return Taken::Slot(Box::new(self.idle.remove(at)));
        }
        if self.room > 0 {
            self.room -= 1;
            return Taken::Room;
        }
        self.waiting.retain(|turn| !turn.is_closed());
        if self.waiting.len() >= self.max_waiting {
            return Taken::Full;
        }
        let (turn, granted) = oneshot::channel();
        self.waiting.push_back(turn);
        Taken::Wait(granted)
    }

    /// A connection of the same tenant saves a round trip or a reset. Else a read takes the one that was used least
    /// recently, as it re-scopes it and the tenant of the others may come back; a transaction leaves no scope, so it
    /// takes the most recent one. A read prefers opening another connection to taking one from a tenant.
    fn best_idle(&self, tenant: TenantId, need: Need) -> Option<usize> {
        let scoped = |slot: &Slot| slot.session == Session::Reads(tenant);
        let own = |slot: &Slot| slot.session.tenant() == Some(tenant);
        let same = self
            .idle
            .iter()
            .rposition(scoped)
            .or_else(|| self.idle.iter().rposition(own));
        let other = || match need {
            _ if self.idle.is_empty() => None,
            Need::Read => (self.room == 0).then_some(0),
            Need::Transaction => Some(self.idle.len() - 1),
        };
        same.or_else(other)
    }

    /// The turn of who has waited longest; without one, keeps the capacity in `slot`.
    pub(super) fn next_or_keep(&mut self, slot: &mut Option<Slot>) -> Option<oneshot::Sender<Lease>> {
        while let Some(turn) = self.waiting.pop_front() {
            if !turn.is_closed() {
                return Some(turn);
            }
        }
        match slot.take() {
            Some(slot) => self.idle.push(slot),
            None => self.room += 1,
        }
        None
    }

    /// Takes every idle connection out; their capacity is room again.
    pub(super) fn evict_idle(&mut self) -> Vec<Slot> {
        self.room += self.idle.len();
        std::mem::take(&mut self.idle)
    }

    #[cfg(test)]
    pub(super) fn all_idle(&mut self) -> &mut Vec<Slot> {
        &mut self.idle
    }

    #[cfg(test)]
    pub(super) fn at_rest(&self, max: usize) -> bool {
        self.room + self.idle.len() == max
    }
}
