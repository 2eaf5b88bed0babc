//! The tenant-aware pool of one physical database.
//!
//! # Guarantees
//!
//! - A connection is handed out again only when it is known to be clean: every transaction of ours was acknowledged as
//!   ended, the server owes no answer, nothing is buffered. Anything else is recovered - cancelled, drained, rolled back,
//!   reset, and proven to be so - or closed.
//! - Between two tenants a session is reset in the same message that scopes it; one that is another for each transaction,
//!   before each.
//! - A tenant has as many connections at a time as its plan sells, within the deployment's bound. The others of its
//!   callers wait, for a bounded time, in a bounded queue: tenants take turns (weighted deficit round robin), and a
//!   connection stays with its tenant for 16 turns in a row at most, while who is next has not waited for longer than a
//!   millisecond.
//! - A database that gave no connection is left alone for a while, 50 ms at first and a second at most: in each pause one
//!   caller asks it. Who comes meanwhile waits for no longer than 250 ms.
//! - The server ends a statement, and a transaction that sits idle, after what the tenant's plan sells.
//!
//! # Assumptions
//!
//! In [`PoolMode::Session`] the connection is the session's own: direct, or through a pooler in session mode. Through a
//! transaction-mode pooler it would hand one tenant's setting to another; that is what [`PoolMode::Transaction`] is for.
//!
//! # Cost
//!
//! | what | session | transaction |
//! |---|---|---|
//! | read on a connection that reads for the tenant already | one round trip a statement | |
//! | read on another one | one more, once | one more, and one that nobody waits for; two a statement |
//! | the same, strict, after another tenant | one more | |
//! | the first of a connection, sealed | one more | |
//! | transaction of n statements | n + 2 | 2 n + 2 |

mod bounds;
mod canceller;
mod close;
mod evict;
mod gate;
mod idle;
mod lease;
mod open;
mod recover;
mod scope;
mod slot;
mod standby;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod unclean;
mod unreachable;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tenancy_core::{
    Error, Result, TenantContext, TenantId,
    fair::{Bounds, Share},
};
use tokio::sync::{Notify, oneshot};

use self::{
    bounds::Scope,
    canceller::Canceller,
    gate::Gate,
    idle::{Need, State, Taken},
    slot::Slot,
};
use crate::{PoolMode, PoolOptions, budget::Budget, target::Target};

pub(crate) use self::{
    close::close_parts,
    lease::{Lease, Watch},
    standby::Missed,
    unreachable::give_back,
};

/// The tenant-aware pool of one physical database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    /// The database's, by which the budget knows it.
    number: u64,
    target: Arc<Target>,
    budget: Arc<Budget>,
    /// Whether a session is told its settings when it is opened: a pooler may refuse that, or forget them.
    told: AtomicBool,
    options: Arc<PoolOptions>,
    state: Mutex<State>,
    canceller: Canceller,
    gate: Gate,
    /// How many have a place and wait for the budget.
    openers: AtomicUsize,
    /// Wakes one of them when a connection idles.
    came_back: Notify,
    #[cfg(test)]
    unguarded: AtomicBool,
}

impl Pool {
    /// A pool that connects when it is first used.
    pub(crate) fn new(
        target: Arc<Target>,
        options: Arc<PoolOptions>,
        budget: Arc<Budget>,
        number: u64,
    ) -> Self {
        let bounds = Bounds {
            tenant: options.tenant_waiting,
            all: options.max_waiting,
        };
        let own = options.mode == PoolMode::Session;
        let inner = Arc::new(Inner {
            number,
            canceller: Canceller::new(Arc::clone(&target), Arc::clone(&budget), number, own),
            told: AtomicBool::new(own),
            state: Mutex::new(State::new(options.max_connections as usize, bounds)),
            target,
            budget,
            options,
            gate: Gate::default(),
            openers: AtomicUsize::new(0),
            came_back: Notify::new(),
            #[cfg(test)]
            unguarded: Default::default(),
        });
        inner.budget.join(number, &inner);
        Self { inner }
    }

    /// Opens connections ahead of their first use, as many as there is room for without taking another pool's. How many.
    pub(crate) async fn warm(&self, connections: u32) -> Result<u32> {
        let share = Share {
            cap: connections as usize,
            weight: 1,
        };
        let until = tokio::time::Instant::now() + self.inner.options.acquire_timeout;
        let nobody = nobody();
        let mut warm = Vec::new();
        for _ in 0..connections {
            let taken = self.inner.state.lock().take(nobody, Need::Read, share);
            let Taken::Now(slot) = taken else { break };
            let mut lease = Lease::new(&self.inner, nobody, slot.map(|slot| *slot));
            // one that idles costs nothing
            if !lease.dials() && self.inner.budget.is_full() {
                break;
            }
            lease.slot_or_open(Need::Read, until).await?;
            warm.push(lease);
        }
        Ok(u32::try_from(warm.len()).unwrap_or(connections))
    }

    /// A connection that reads for the context's tenant.
    pub(crate) async fn read(&self, context: &TenantContext) -> Result<Lease> {
        self.enter(context, Need::Read).await
    }

    /// A connection within a transaction of the context's tenant and actor.
    pub(crate) async fn begin(&self, context: &TenantContext) -> Result<Lease> {
        self.enter(context, Need::Transaction).await
    }

    async fn enter(&self, context: &TenantContext, need: Need) -> Result<Lease> {
        let options = &self.inner.options;
        let scope = Scope::of(context, options);
        let in_transaction = need == Need::Transaction || options.mode == PoolMode::Transaction;
        let asked = tokio::time::Instant::now();
        let until = asked + self.patience(context);
        within(until, async {
            let mut lease = self.lease(context, need).await?;
            for _ in 0..2 {
                lease.enter(scope.times.statement(), in_transaction);
                let slot = lease.slot_or_open(need, until).await?;
                let waited = asked.elapsed();
                let entered = match need {
                    Need::Read => slot.enter_read(scope).await,
                    Need::Transaction => slot.enter_transaction(scope, context.user_id()).await,
                };
                match entered {
                    Ok(()) => {
                        lease.got_after(waited);
                        return Ok(lease);
                    }
                    // an idle connection that died is replaced, once
                    Err(error) => lease.broken(error)?,
                }
            }
            Err(Error::unavailable("the database closes its connections"))
        })
        .await
    }

    fn patience(&self, context: &TenantContext) -> Duration {
        let own = self.inner.options.acquire_timeout;
        let left = context
            .deadline()
            .map(|at| at.saturating_duration_since(Instant::now()));
        left.map_or(own, |left| left.min(own))
    }

    async fn lease(&self, context: &TenantContext, need: Need) -> Result<Lease> {
        let share = bounds::share(context.plan(), &self.inner.options)?;
        self.lease_of(context.tenant_id(), share, need).await
    }

    async fn lease_of(&self, tenant: TenantId, share: Share, need: Need) -> Result<Lease> {
        let inner = &self.inner;
        let taken = inner.state.lock().take(tenant, need, share);
        if !matches!(taken, Taken::Now(_)) {
            // a cap that was raised may have a place to give
            inner.give();
        }
        match taken {
            Taken::Now(slot) => Ok(Lease::new(inner, tenant, slot.map(|slot| *slot))),
            Taken::TenantFull => Err(Error::unavailable(
                "too many of the tenant's wait for a connection to the database",
            )),
            Taken::Full => Err(Error::unavailable(
                "too many wait for a connection to the database",
            )),
            Taken::Wait(number, granted) => {
                let mut turn = Turn {
                    pool: inner,
                    number,
                    granted,
                };
                let granted = (&mut turn.granted).await;
                granted.map_err(|_| Error::unavailable("the pool is gone"))
            }
        }
    }
}

/// In nobody's name: no tenant has this id.
fn nobody() -> TenantId {
    TenantId::new()
}

/// A bound for everything before the first statement: waiting, connecting, scoping.
async fn within<T>(until: tokio::time::Instant, work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout_at(until, work).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::unavailable("no connection to the database in time")),
    }
}

/// A caller that waits. Dropping it leaves no hole in the queue: it is taken out, or the connection it just got goes on.
struct Turn<'p> {
    pool: &'p Inner,
    number: u64,
    granted: oneshot::Receiver<Lease>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.pool.state.lock().cancel(self.number);
    }
}

impl Inner {
    /// A place comes back, with its connection or without, and goes to who is next: here, or in another pool that has
    /// waited for a part of the budget.
    fn release(self: &Arc<Self>, tenant: TenantId, slot: Option<Slot>) {
        let slot = slot.and_then(|slot| match self.budget.claims_from(self.number) {
            None => Some(slot),
            Some(closing) => {
                close::spawn_as(closing, slot);
                None
            }
        });
        self.state.lock().put_back(tenant, slot);
        self.give();
        if self.budget.is_wanted() {
            self.came_back.notify_one();
            evict::for_others(&self.budget);
        }
    }

    fn has_openers(&self) -> bool {
        self.openers.load(Ordering::SeqCst) > 0
    }

    /// Gives places for as long as there are both. Nobody is woken under the lock, and a lease that nobody took is not
    /// dropped here: that would come back here.
    fn give(self: &Arc<Self>) {
        loop {
            let Some(given) = self.state.lock().next() else {
                return;
            };
            let lease = Lease::new(self, given.tenant, given.slot);
            if let Err(mut unwanted) = given.wake.send(lease) {
                let slot = unwanted.disarm();
                self.state.lock().put_back(given.tenant, slot);
            }
        }
    }
}
