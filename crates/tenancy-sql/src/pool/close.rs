//! Closes a connection, and proves that the server has let go of it.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use sqlx::{Connection, Executor, postgres::PgConnection};
use tokio::runtime::Handle;

use super::slot::Slot;
use crate::budget::{Budget, Closing, ENDING, Unit};

/// How long the server may take to let go.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long one that is being closed is taken for one that is had soon.
const SOON: Duration = Duration::from_millis(250);

/// Ends the session from within. The driver's own farewell does not wait, and capacity that is given on when a socket is
/// closed can exceed what the server has: its backend may still be there.
const END: &str = "ROLLBACK; SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())";

/// Closes in the background. Outside of a runtime the socket is dropped, and the unit counts for longer.
pub(super) fn spawn(budget: &Arc<Budget>, slot: Slot) {
    spawn_as(budget.closes(), slot);
}

/// Closes for a caller who waits. One that takes its time is not waited for: another may be closed instead.
pub(super) fn spawn_as(closing: Closing, slot: Slot) {
    let Ok(runtime) = Handle::try_current() else {
        return drop(slot);
    };
    runtime.spawn(async move {
        let mut close = std::pin::pin!(close(slot));
        if tokio::time::timeout(SOON, &mut close).await.is_err() {
            drop(closing);
            close.await;
        }
    });
}

/// Closes, and gives the unit back when the server is known to have let go.
pub(super) async fn close(slot: Slot) {
    let (connection, unit, own) = slot.into_parts();
    close_parts(connection, unit, own).await;
}

/// The same for a connection of which nothing is known. `own`: the session is its own, not a pooler's to keep.
pub(crate) async fn close_parts(mut connection: PgConnection, unit: Unit, own: bool) {
    let closed = tokio::time::timeout(PATIENCE, async {
        match own {
            true => is_let_go(&mut connection).await,
            false => false,
        }
    });
    if let Ok(true) = closed.await {
        return unit.let_go();
    }
    // a pooler ends what it no longer serves; a server that did not answer may not
    match tokio::time::timeout(PATIENCE, connection.close()).await {
        Ok(Ok(())) if !own => unit.ends_within(ENDING),
        Ok(Err(error)) if is_end(&error) => unit.ends_within(ENDING),
        _ => drop(unit),
    }
}

/// Asks the server to end the session and reads to the end: a backend leaves the server's books before its socket closes.
async fn is_let_go(connection: &mut PgConnection) -> bool {
    if let Err(error) = connection.execute(END).await
        && is_end(&error)
    {
        return true;
    }
    loop {
        match connection.flush().await {
            Ok(()) => return false,
            Err(sqlx::Error::Database(_)) => {}
            Err(error) => return is_end(&error),
        }
    }
}

/// Whether the far end has closed the socket.
pub(super) fn is_end(error: &sqlx::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    let ends = [
        BrokenPipe,
        ConnectionAborted,
        ConnectionReset,
        NotConnected,
        UnexpectedEof,
    ];
    matches!(error, sqlx::Error::Io(error) if ends.contains(&error.kind()))
}
