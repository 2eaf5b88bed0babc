//! Makes a connection clean again whose work was dropped, or closes it.
//!
//! Closing every one would let cancelled requests starve the rest: a new connection costs more than the request did.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use sqlx::Connection;
use tenancy_core::{Result, TenantId};
use tokio::{runtime::Handle, task::JoinHandle};

use super::{Inner, Lease, canceller::Canceller, close, slot::Slot};

/// How long cancelling, draining and scrubbing may take before the connection is closed instead.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long ending the session from beside may take then.
const TERMINATES: Duration = Duration::from_secs(1);

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
        // what still runs on it would keep the server from hearing that it is over
        let _ = tokio::time::timeout(TERMINATES, pool.canceller.terminate(slot.backend())).await;
        close::close(slot).await;
        drop(hold);
    });
}

/// A connection that is being opened for somebody who waits no longer comes into the pool when it is there: were it given
/// up, callers who cancel could keep a pool from ever having one.
pub(super) fn adopt(pool: &Arc<Inner>, tenant: TenantId, opening: JoinHandle<Result<Slot>>) {
    let Ok(runtime) = Handle::try_current() else {
        return pool.release(tenant, None);
    };
    let mut hold = Lease::new(pool, tenant, None);
    let pool = Arc::clone(pool);
    runtime.spawn(async move {
        if let Ok(Ok(slot)) = opening.await {
            hold.disarm();
            pool.release(tenant, Some(slot));
        }
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
