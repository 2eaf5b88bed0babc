//! A connection beside the pool that cancels what runs on the others.

use std::{sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, ConnectOptions, Executor, postgres::PgConnection};
use tokio::{runtime::Handle, sync::Mutex, time::Instant};

use super::{close, unreachable::give_back};
use crate::{
    budget::{Asked, Budget, Unit},
    target::Target,
};

/// How long a canceller waits for another database's to be closed.
const PATIENCE: Duration = Duration::from_secs(1);

/// A connection beside the pool that cancels what runs on the others.
pub(super) struct Canceller {
    target: Arc<Target>,
    budget: Arc<Budget>,
    number: u64,
    /// Whether its sessions are its own, not a pooler's.
    own: bool,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    connection: PgConnection,
    unit: Unit,
    since: Instant,
}

impl Canceller {
    pub(super) fn new(target: Arc<Target>, budget: Arc<Budget>, number: u64, own: bool) -> Self {
        Self {
            target,
            budget,
            number,
            own,
            kept: Mutex::new(None),
        }
    }

    /// Asks the server to cancel what `backend` runs, and awaits its answer: a cancellation that arrived later could hit
    /// the next statement. One round trip.
    pub(super) async fn cancel(&self, backend: i32) -> sqlx::Result<()> {
        self.ask("pg_cancel_backend", backend).await
    }

    /// Asks the server to end a session that did not answer to that.
    pub(super) async fn terminate(&self, backend: i32) -> sqlx::Result<()> {
        self.ask("pg_terminate_backend", backend).await
    }

    async fn ask(&self, function: &'static str, backend: i32) -> sqlx::Result<()> {
        if backend == 0 {
            // it was not scoped yet, so nothing of a tenant runs on it
            return Ok(());
        }
        let mut kept = self.kept.lock().await;
        // taken out while it is in use: a dropped call must not leave a half-read connection
        let mut one = match kept.take() {
            Some(one) => one,
            None => self.open().await?,
        };
        // not prepared: behind a pooler the name would be another session's
        let text = format!("SELECT pg_catalog.{function}({backend})");
        if let Err(error) = (&mut one.connection).execute(AssertSqlSafe(text)).await {
            // dropped, it would count as one that the server holds, and nothing could be cancelled meanwhile
            tokio::spawn(close::close_parts(one.connection, one.unit, self.own));
            return Err(error);
        }
        one.since = Instant::now();
        match self.budget.cancelling.wanted() {
            0 => *kept = Some(one),
            _ => close::close_parts(one.connection, one.unit, self.own).await,
        }
        Ok(())
    }

    async fn open(&self) -> sqlx::Result<Kept> {
        let no_unit = |error: tenancy_core::Error| sqlx::Error::Configuration(Box::new(error));
        let mut unit = match self.budget.cancelling.ask(self.number, 1).map_err(no_unit)? {
            Asked::Has(unit) => unit,
            Asked::Waits(mut turn) => {
                self.budget
                    .pools()
                    .iter()
                    .for_each(|pool| pool.canceller.yield_now());
                let unit = tokio::time::timeout(PATIENCE, turn.unit()).await;
                unit.ok().flatten().ok_or(sqlx::Error::PoolTimedOut)?
            }
        };
        let connect = self
            .target
            .connect()
            .map_err(|reason| sqlx::Error::Configuration(reason.into()))?;
        unit.opens();
        match connect.connect().await {
            Ok(connection) => Ok(Kept {
                connection,
                unit,
                since: Instant::now(),
            }),
            Err(error) => {
                give_back(unit, &error);
                Err(error)
            }
        }
    }

    /// Closes the connection when nobody uses it: another database's statements are to be cancelled.
    fn yield_now(&self) {
        self.close_idle_since(Instant::now());
    }

    /// Closes the connection when it idles since then or longer.
    pub(super) fn close_idle_since(&self, since: Instant) {
        let Ok(mut kept) = self.kept.try_lock() else {
            return;
        };
        if kept.as_ref().is_none_or(|one| one.since > since) {
            return;
        }
        if let (Some(one), Ok(runtime)) = (kept.take(), Handle::try_current()) {
            runtime.spawn(close::close_parts(one.connection, one.unit, self.own));
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.kept.try_lock().is_ok_and(|kept| kept.is_none())
    }
}
