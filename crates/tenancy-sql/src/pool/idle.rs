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

/// A connection that nobody uses.
struct Idle {
    slot: Slot,
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
    /// Most recently used last, with the time since when.
    idle: Vec<Idle>,
    /// When a connection came back last.
    touched: Instant,
    turns: Fair<TenantId, Turn>,
    bounds: Bounds,
    /// How often in a row a turn was given out of turn.
    stayed: u8,
}

impl State {
    pub(super) fn new(room: usize, bounds: Bounds) -> Self {
        Self {
            room,
            idle: Vec::new(),
            touched: Instant::now(),
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
        let best = self.best_idle(tenant, need, self.room > 0);
        let best = best.map(|at| self.idle.remove(at).slot);
        if best.is_none() {
            self.room = self.room.saturating_sub(1);
        }
        best
    }

    /// An idle connection for somebody who got the right to open one and can't make use of it.
    pub(super) fn instead_of_opening(&mut self, tenant: TenantId, need: Need) -> Option<Slot> {
        let best = self.best_idle(tenant, need, false)?;
        self.room += 1;
        Some(self.idle.remove(best).slot)
    }

    /// A connection of the same tenant saves a round trip or a reset. One that no tenant has used is next. Else a read
    /// takes the one that was used least recently, as it re-scopes it and the tenant of the others may come back; a
    /// transaction leaves no scope, so it takes the most recent one. A read prefers opening another connection to taking
    /// one from a tenant.
    fn best_idle(&self, tenant: TenantId, need: Need, may_open: bool) -> Option<usize> {
        let last = |of: &dyn Fn(Session) -> bool| self.idle.iter().rposition(|idle| of(idle.slot.session));
        let same = last(&|session| session.reads_for(tenant))
            .or_else(|| last(&|session| session.tenant() == Some(tenant)))
            .or_else(|| last(&|session| session == Session::Blank));
        let other = || match need {
            _ if self.idle.is_empty() => None,
            Need::Read => (!may_open).then_some(0),
            Need::Transaction => Some(self.idle.len() - 1),
        };
        same.or_else(other)
    }

    /// A place comes back, with its connection or without. [`next`](Self::next) may have it to give.
    pub(super) fn put_back(&mut self, tenant: TenantId, slot: Option<Slot>) {
        self.turns.leave(tenant);
        let since = Instant::now();
        self.touched = since;
        match slot {
            Some(slot) => self.idle.push(Idle { slot, since }),
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
        let Some(Session::Reads(scope)) = self.idle.last().map(|idle| idle.slot.session) else {
            return None;
        };
        self.turns.give_to(scope.tenant).map(|turn| (scope.tenant, turn))
    }

    /// Takes every idle connection out; their capacity is room again.
    pub(super) fn evict_idle(&mut self) -> Vec<Slot> {
        self.room += self.idle.len();
        self.idle.drain(..).map(|idle| idle.slot).collect()
    }

    /// Since when the connection idles that was used least recently.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.idle.first().map(|idle| idle.since)
    }

    /// Takes the connection out that was used least recently, when it idles since then or longer.
    pub(super) fn evict_oldest(&mut self, since: Instant) -> Option<Slot> {
        self.oldest().filter(|oldest| *oldest <= since)?;
        self.room += 1;
        Some(self.idle.remove(0).slot)
    }

    /// Whether it has no connection, and nobody has given one back since then.
    pub(super) fn is_unused(&self, since: Instant) -> bool {
        self.idle.is_empty() && self.touched <= since
    }

    #[cfg(test)]
    pub(super) fn at_rest(&self, max: usize) -> bool {
        self.room + self.idle.len() == max
    }
}
