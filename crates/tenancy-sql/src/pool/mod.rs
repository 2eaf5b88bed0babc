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
mod idle;
mod lease;
mod recover;
mod scope;
mod slot;
#[cfg(test)]
mod sweep;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use tenancy_core::{Error, Result, TenantContext, TenantId, fair::Bounds};
use tokio::sync::oneshot;

use self::{
    bounds::{Scope, Times},
    idle::{Need, State, Taken},
    recover::Canceller,
    slot::{Slot, Ways},
};
use crate::{
    PoolMode, PoolOptions,
    seal::{Refused, Seal},
};

pub(crate) use self::lease::{Lease, Watch};

/// The tenant-aware pool of one physical database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    connect: PgConnectOptions,
    /// With the settings of a session.
    telling: PgConnectOptions,
    /// Whether a session is told its settings when it is opened: a pooler may refuse that, or forget them.
    told: AtomicBool,
    options: PoolOptions,
    state: Mutex<State>,
    canceller: Canceller,
    #[cfg(test)]
    unguarded: AtomicBool,
}

impl Pool {
    /// A pool that connects when it is first used.
    pub(crate) fn new(connect: PgConnectOptions, options: PoolOptions) -> Self {
        let telling = connect.clone().options(scope::settings(Times::of(&options)));
        let bounds = Bounds {
            tenant: options.tenant_waiting,
            all: options.max_waiting,
        };
        Self {
            inner: Arc::new(Inner {
                canceller: Canceller::new(connect.clone()),
                telling,
                told: AtomicBool::new(options.mode == PoolMode::Session),
                state: Mutex::new(State::new(options.max_connections as usize, bounds)),
                connect,
                options,
                #[cfg(test)]
                unguarded: Default::default(),
            }),
        }
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
        self.within(context, async {
            let mut lease = self.lease(context, need).await?;
            for _ in 0..2 {
                lease.enter(scope.times.statement(), in_transaction);
                let slot = lease.slot_or_open().await?;
                let entered = match need {
                    Need::Read => slot.enter_read(scope).await,
                    Need::Transaction => slot.enter_transaction(scope, context.user_id()).await,
                };
                match entered {
                    Ok(()) => return Ok(lease),
                    // an idle connection that died is replaced, once
                    Err(error) => lease.broken(error)?,
                }
            }
            Err(Error::unavailable("the database closes its connections"))
        })
        .await
    }

    /// A bound for everything before the first statement: waiting, connecting, scoping.
    async fn within<T>(&self, context: &TenantContext, work: impl Future<Output = Result<T>>) -> Result<T> {
        let patience = self.patience(context);
        match tokio::time::timeout(patience, work).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::unavailable("no connection to the database in time")),
        }
    }

    fn patience(&self, context: &TenantContext) -> Duration {
        let own = self.inner.options.acquire_timeout;
        let left = context
            .deadline()
            .map(|at| at.saturating_duration_since(Instant::now()));
        left.map_or(own, |left| left.min(own))
    }

    async fn lease(&self, context: &TenantContext, need: Need) -> Result<Lease> {
        let (inner, tenant) = (&self.inner, context.tenant_id());
        let share = bounds::share(context.plan(), &inner.options);
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
    async fn open(&self) -> Result<Slot> {
        let connecting = tokio::time::timeout(self.options.connect_timeout, self.connect());
        match connecting.await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(error)) => Err(unreachable(error)),
            Err(_) => Err(Error::unavailable(
                "the database did not accept a connection in time",
            )),
        }
    }

    async fn connect(&self) -> sqlx::Result<Slot> {
        let mut told = self.told.load(Ordering::Relaxed);
        let mut connection = match told {
            true => match self.telling.connect().await {
                Err(sqlx::Error::Database(refusal))
                    if refusal.code().as_deref() == Some(PROTOCOL_VIOLATION) =>
                {
                    self.tells_by_message();
                    told = false;
                    self.connect.connect().await?
                }
                answer => answer?,
            },
            false => self.connect.connect().await?,
        };
        let seal = match &self.options.seal {
            Some(key) => Some(Seal::begin(&mut connection, key).await?),
            None => None,
        };
        let ways = Ways {
            mode: self.options.mode,
            hygiene: self.options.hygiene,
            times: Times::of(&self.options),
            told,
        };
        Ok(Slot::new(connection, ways, seal))
    }

    /// A pooler stands between: from here on sessions are told their settings when they are scoped.
    fn tells_by_message(&self) {
        if self.told.swap(false, Ordering::Relaxed) {
            tracing::info!(
                "a pooler stands before the database: settings go in the message that scopes a session"
            );
        }
    }

    /// A place comes back, with its connection or without, and goes to who is next.
    fn release(self: &Arc<Self>, tenant: TenantId, slot: Option<Slot>) {
        self.state.lock().put_back(tenant, slot);
        self.give();
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

/// How a pooler refuses settings that it does not know (SQLSTATE).
const PROTOCOL_VIOLATION: &str = "08P01";

/// Why there is no connection. A wrong password or database is a mistake of the deployment's, and still no answer to a
/// client beyond "unavailable".
fn unreachable(error: sqlx::Error) -> Error {
    let log = match &error {
        sqlx::Error::Database(refused) => {
            format!(
                "the database refuses the connection: SQLSTATE {}",
                refused.code().unwrap_or_default()
            )
        }
        sqlx::Error::Configuration(refused) if refused.is::<Refused>() => refused.to_string(),
        _ => "the database can't be reached".to_owned(),
    };
    Error::unavailable(log).with_source(error)
}
