//! Who has which connection, and who is next: plain data, no I/O.

use std::time::Duration;

use tenancy_core::{
    TenantId,
    fair::{Asked, Bounds, Fair, Share},
};
use tokio::{
    sync::oneshot::{self, Receiver, Sender},
    time::Instant,
};

use super::{
    lease::Lease,
    slot::{Session, Slot},
};

/// How often in a row a connection may stay with the tenant that it is scoped to while another waits.
const STAYS: u8 = 16;
/// How long the other may have waited for it.
const STAYS_WHILE: Duration = Duration::from_millis(1);

/// What a connection is wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Read,
    Transaction,
}

/// What a caller got.
pub(super) enum Taken {
    /// A place, with its connection or the right to open one.
    Now(Option<Box<Slot>>),
    /// A turn in the queue, under this number.
    Wait(u64, Receiver<Lease>),
    /// None: the tenant's part of the queue is full.
    TenantFull,
    /// None: the queue is full.
    Full,
}

/// Who waits.
struct Turn {
    wake: Sender<Lease>,
    need: Need,
    since: Instant,
}

/// Who got a place that came back, and with what.
pub(super) struct Given {
    pub(super) tenant: TenantId,
    pub(super) slot: Option<Slot>,
    pub(super) wake: Sender<Lease>,
}

pub(super) struct State {
    /// How many more connections may be opened.
    room: usize,
    /// Most recently used last.
    idle: Vec<Slot>,
    turns: Fair<TenantId, Turn>,
    bounds: Bounds,
    /// How often in a row a turn was given out of turn.
    stayed: u8,
}

impl State {
    pub(super) fn new(room: usize, bounds: Bounds) -> Self {
        Self {
            room,
            idle: Vec::with_capacity(room),
            turns: Fair::new(room),
            bounds,
            stayed: 0,
        }
    }

    pub(super) fn take(&mut self, tenant: TenantId, need: Need, share: Share) -> Taken {
        let mut granted = None;
        let turn = || {
            let (wake, receiver) = oneshot::channel();
            granted = Some(receiver);
            let since = Instant::now();
            Turn { wake, need, since }
        };
        match (self.turns.ask(tenant, share, self.bounds, turn), granted) {
            (Asked::Runs, _) => Taken::Now(self.connection(tenant, need).map(Box::new)),
            (Asked::Waits(number), Some(granted)) => Taken::Wait(number, granted),
            (Asked::TenantFull, _) => Taken::TenantFull,
            (Asked::Full | Asked::Waits(_), _) => Taken::Full,
        }
    }

    /// The best idle connection, or the right to open one. There is one of both for everybody who has a place.
    fn connection(&mut self, tenant: TenantId, need: Need) -> Option<Slot> {
        let best = self.best_idle(tenant, need).map(|at| self.idle.remove(at));
        if best.is_none() {
            self.room = self.room.saturating_sub(1);
        }
        best
    }

    /// A connection of the same tenant saves a round trip or a reset. Else a read takes the one that was used least
    /// recently, as it re-scopes it and the tenant of the others may come back; a transaction leaves no scope, so it
    /// takes the most recent one. A read prefers one that is nobody's, and opening another one to taking one from a tenant.
    fn best_idle(&self, tenant: TenantId, need: Need) -> Option<usize> {
        let scoped = |slot: &Slot| slot.session.reads_for(tenant);
        let own = |slot: &Slot| slot.session.tenant() == Some(tenant);
        let nobodys = |slot: &Slot| slot.session == Session::Blank;
        let same = self
            .idle
            .iter()
            .rposition(scoped)
            .or_else(|| self.idle.iter().rposition(own));
        let other = || match need {
            _ if self.idle.is_empty() => None,
            Need::Read => {
                let nobodys = self.idle.iter().rposition(nobodys);
                nobodys.or_else(|| (self.room == 0).then_some(0))
            }
            Need::Transaction => Some(self.idle.len() - 1),
        };
        same.or_else(other)
    }

    /// A place comes back, with its connection or without. [`next`](Self::next) may have it to give.
    pub(super) fn put_back(&mut self, tenant: TenantId, slot: Option<Slot>) {
        self.turns.leave(tenant);
        match slot {
            Some(slot) => self.idle.push(slot),
            None => self.room += 1,
        }
    }

    /// One waits no longer.
    pub(super) fn cancel(&mut self, number: u64) {
        self.turns.cancel(number);
    }

    /// Gives a place to who is next. A connection stays with its tenant, so that it need not be scoped again, for a
    /// bounded number of turns and while nobody waits for it for long.
    pub(super) fn next(&mut self) -> Option<Given> {
        let (tenant, turn) = match self.stay() {
            Some(stays) => {
                self.stayed += 1;
                stays
            }
            None => {
                let next = self.turns.give_next()?;
                self.stayed = 0;
                next
            }
        };
        Some(Given {
            tenant,
            slot: self.connection(tenant, turn.need),
            wake: turn.wake,
        })
    }

    fn stay(&mut self) -> Option<(TenantId, Turn)> {
        let waited = self.turns.peek()?.since.elapsed();
        if self.stayed >= STAYS || waited > STAYS_WHILE {
            return None;
        }
        let Some(Session::Reads(scope)) = self.idle.last().map(|slot| slot.session) else {
            return None;
        };
        self.turns.give_to(scope.tenant).map(|turn| (scope.tenant, turn))
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
