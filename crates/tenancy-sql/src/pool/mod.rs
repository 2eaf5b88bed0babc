//! The tenant-aware pool of one physical database.
//!
//! # Guarantees
//!
//! - A connection is handed out again only when it is known to be clean: every transaction of ours was acknowledged as
//!   ended, the server owes no answer, nothing is buffered. Anything else is recovered - cancelled, drained, rolled back,
//!   reset, and proven to be so - or closed.
//! - Between two tenants a session is reset in the same message that scopes it.
//! - Callers wait in order of arrival, for a bounded time, in a bounded queue.
//!
//! # Assumptions
//!
//! The connection is the session's own: direct, or through a pooler in session mode. A transaction-mode pooler would hand
//! one tenant's setting to another.
//!
//! # Cost
//!
//! | what | round trips |
//! |---|---|
//! | read on a connection that reads for the tenant already | one a statement |
//! | read on another one | one more, once |
//! | transaction of n statements | n + 2 |

mod idle;
mod lease;
mod recover;
mod scope;
mod slot;
#[cfg(test)]
mod sweep;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use tenancy_core::{Error, Result, TenantContext, TenantId};

use self::{
    idle::{Need, State, Taken},
    recover::Canceller,
    slot::Slot,
};
use crate::PoolOptions;

pub(crate) use self::lease::{Lease, Watch};

/// The tenant-aware pool of one physical database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    connect: PgConnectOptions,
    options: PoolOptions,
    state: Mutex<State>,
    canceller: Canceller,
    #[cfg(test)]
    unguarded: std::sync::atomic::AtomicBool,
}

impl Pool {
    /// A pool that connects when it is first used.
    pub(crate) fn new(connect: PgConnectOptions, options: PoolOptions) -> Self {
        let connect = connect.options(session_settings(&options));
        Self {
            inner: Arc::new(Inner {
                canceller: Canceller::new(connect.clone()),
                state: Mutex::new(State::new(options.max_connections as usize, options.max_waiting)),
                connect,
                options,
                #[cfg(test)]
                unguarded: Default::default(),
            }),
        }
    }

    /// A connection that reads for the context's tenant.
    pub(crate) async fn read(&self, context: &TenantContext) -> Result<Lease> {
        let tenant = context.tenant_id();
        self.within(context, async {
            let mut lease = self.lease(tenant, Need::Read).await?;
            for _ in 0..2 {
                let slot = lease.slot_or_open().await?;
                match slot.enter_read(tenant).await {
                    Ok(()) => return Ok(lease),
                    // an idle connection that died is replaced, once
                    Err(error) => lease.broken(error)?,
                }
            }
            Err(Error::unavailable("the database closes its connections"))
        })
        .await
    }

    /// A connection within a transaction of the context's tenant and actor.
    pub(crate) async fn begin(&self, context: &TenantContext) -> Result<Lease> {
        let (tenant, actor) = (context.tenant_id(), context.user_id());
        self.within(context, async {
            let mut lease = self.lease(tenant, Need::Transaction).await?;
            for _ in 0..2 {
                lease.open_transaction();
                let slot = lease.slot_or_open().await?;
                match slot.enter_transaction(tenant, actor).await {
                    Ok(()) => return Ok(lease),
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

    async fn lease(&self, tenant: TenantId, need: Need) -> Result<Lease> {
        let taken = self.inner.state.lock().take(tenant, need);
        match taken {
            Taken::Slot(slot) => Ok(Lease::new(&self.inner, Some(*slot))),
            Taken::Room => Ok(Lease::new(&self.inner, None)),
            Taken::Full => Err(Error::unavailable(
                "too many wait for a connection to the database",
            )),
            Taken::Wait(turn) => {
                let granted = turn.await;
                granted.map_err(|_| Error::unavailable("the pool is gone"))
            }
        }
    }
}

impl Inner {
    async fn open(&self) -> Result<Slot> {
        let connecting = tokio::time::timeout(self.options.connect_timeout, self.connect.connect());
        match connecting.await {
            Ok(Ok(connection)) => Ok(Slot::new(connection)),
            Ok(Err(error)) => Err(unreachable(error)),
            Err(_) => Err(Error::unavailable(
                "the database did not accept a connection in time",
            )),
        }
    }

    /// Hands a unit of capacity, with its connection or without, to who has waited longest, or keeps it.
    fn release(self: &Arc<Self>, mut slot: Option<Slot>) {
        loop {
            // the guard must be gone before a lease is: dropping one comes back here
            let waiting = self.state.lock().next_or_keep(&mut slot);
            let Some(turn) = waiting else { return };
            match turn.send(Lease::new(self, slot.take())) {
                Ok(()) => return,
                Err(mut unwanted) => slot = unwanted.disarm(),
            }
        }
    }
}

/// What `RESET ALL` falls back to.
fn session_settings(options: &PoolOptions) -> [(&'static str, String); 6] {
    let millis = |bound: Duration| bound.as_millis().to_string();
    [
        // temporary objects come last, so that none can stand in for a table
        ("search_path", "public,pg_temp".to_owned()),
        ("statement_timeout", millis(options.statement_timeout)),
        (
            "idle_in_transaction_session_timeout",
            millis(options.idle_in_transaction_timeout),
        ),
        // the server notices that nobody waits, should a cancellation not reach it
        ("client_connection_check_interval", "1000".to_owned()),
        ("row_security", "on".to_owned()),
        // the driver logs what the server notices, and a trigger may notice a row's values
        ("client_min_messages", "error".to_owned()),
    ]
}

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
        _ => "the database can't be reached".to_owned(),
    };
    Error::unavailable(log).with_source(error)
}
