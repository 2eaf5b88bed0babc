//! Makes a connection clean again whose work was dropped, or closes it.
//!
//! Closing every one would let cancelled requests starve the rest: a new connection costs more than the request did.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::TenantId;
use tokio::{runtime::Handle, sync::Mutex};

use super::{Inner, Lease, slot::Slot};

/// How long cancelling, draining and scrubbing may take before the connection is closed instead.
const PATIENCE: Duration = Duration::from_secs(5);

/// Recovers `slot` in the background. Its capacity stays taken until it is clean or the socket is closed. Outside of a
/// runtime nothing can be awaited, so the connection is dropped, and with it what runs on it. `in_order`: all that is left
/// is a transaction.
pub(super) fn spawn(pool: &Arc<Inner>, tenant: TenantId, mut slot: Slot, in_order: bool) {
    let Ok(runtime) = Handle::try_current() else {
        drop(slot);
        pool.release(tenant, None);
        return;
    };
    // holds the capacity, whatever becomes of the task
    let mut hold = Lease::new(pool, tenant, None);
    let pool = Arc::clone(pool);
    runtime.spawn(async move {
        let work = recover(&pool.canceller, &mut slot, in_order);
        if let Ok(Ok(true)) = tokio::time::timeout(PATIENCE, work).await {
            hold.disarm();
            pool.release(tenant, Some(slot));
            return;
        }
        tracing::debug!("a connection could not be recovered and is closed");
        let _ = tokio::time::timeout(PATIENCE, slot.connection.close_hard()).await;
        drop(hold);
    });
}

async fn recover(canceller: &Canceller, slot: &mut Slot, in_order: bool) -> sqlx::Result<bool> {
    if in_order {
        return slot.roll_back().await;
    }
    if slot.connection.flush().now_or_never().is_none() {
        cancel(canceller, slot).await?;
    }
    // what was cancelled before it began to run, as it was still on its way, is cancelled again
    loop {
        match tokio::time::timeout(AGAIN, slot.drain()).await {
            Ok(drained) => break drained?,
            Err(_) => cancel(canceller, slot).await?,
        }
    }
    slot.scrub().await
}

/// How long what was cancelled may take to end.
const AGAIN: Duration = Duration::from_millis(100);

/// Those that wait for a pooler's session to cancel with may hold the last of them: then theirs are closed.
async fn cancel(canceller: &Canceller, slot: &Slot) -> sqlx::Result<()> {
    let patience = if slot.is_pooled() { POOLED } else { PATIENCE };
    let asked = tokio::time::timeout(patience, canceller.cancel(slot.backend())).await;
    asked.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// How long a pooler may take to find a session to cancel with.
const POOLED: Duration = Duration::from_millis(500);

/// A connection beside the pool that cancels what runs on the others.
pub(super) struct Canceller {
    connect: PgConnectOptions,
    connection: Mutex<Option<PgConnection>>,
}

impl Canceller {
    pub(super) fn new(connect: PgConnectOptions) -> Self {
        Self {
            connect,
            connection: Mutex::new(None),
        }
    }

    /// Asks the server to cancel what `backend` runs, and awaits its answer: a cancellation that arrived later could hit
    /// the next statement. One round trip.
    async fn cancel(&self, backend: i32) -> sqlx::Result<()> {
        if backend == 0 {
            // it was not scoped yet, so nothing of a tenant runs on it
            return Ok(());
        }
        let mut kept = self.connection.lock().await;
        // taken out while it is in use: a dropped call must not leave a half-read connection
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => self.connect.connect().await?,
        };
        // not prepared: behind a pooler the name would be another session's
        let text = format!("SELECT pg_catalog.pg_cancel_backend({backend})");
        (&mut connection).execute(AssertSqlSafe(text)).await?;
        *kept = Some(connection);
        Ok(())
    }
}
