//! A connection beside the pool that cancels what runs on the others.

use std::{sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, ConnectOptions, Executor, postgres::PgConnection};
use tokio::{runtime::Handle, sync::Mutex, time::Instant};

use super::{close, scope, unreachable::give_back};
use crate::{
    budget::{Asked, Budget, Unit},
    target::Target,
};

/// How long a canceller waits for another database's to be closed.
const PATIENCE: Duration = Duration::from_secs(1);

/// A process of a server. Of several servers behind one URL each has its own under the same number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backend {
    pub(super) process: i32,
    pub(super) server: u64,
}

impl Backend {
    /// From its number, and the [server's](scope::SERVER).
    pub(super) fn read(process: &str, server: &str) -> sqlx::Result<Self> {
        let unclear = |error| sqlx::Error::Decode(Box::new(error));
        Ok(Self {
            process: process.parse().map_err(unclear)?,
            server: u64::from_str_radix(server, 16).map_err(unclear)?,
        })
    }
}

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

/// One that asks. It is closed unless it is kept: dropped, or given up in the middle, it would count as one that the server
/// holds, and nothing could be cancelled meanwhile.
struct Used {
    one: Option<Kept>,
    own: bool,
}

impl Drop for Used {
    fn drop(&mut self) {
        if let (Some(one), Ok(runtime)) = (self.one.take(), Handle::try_current()) {
            runtime.spawn(close::close_parts(one.connection, one.unit, self.own));
        }
    }
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
    pub(super) async fn cancel(&self, backend: Option<Backend>) -> sqlx::Result<()> {
        self.ask("pg_cancel_backend", backend).await
    }

    /// Asks the server to end a session that did not answer to that.
    pub(super) async fn terminate(&self, backend: Option<Backend>) -> sqlx::Result<()> {
        self.ask("pg_terminate_backend", backend).await
    }

    /// Fails when the connection leads to another server than the backend's: there its number is somebody else's.
    async fn ask(&self, function: &'static str, backend: Option<Backend>) -> sqlx::Result<()> {
        // it was not scoped yet, so nothing of a tenant runs on it
        let Some(Backend { process, server }) = backend else {
            return Ok(());
        };
        let mut kept = self.kept.lock().await;
        // taken out while it is in use: a dropped call must not leave a half-read connection
        let one = match kept.take() {
            Some(one) => one,
            None => self.open().await?,
        };
        let mut used = Used {
            one: Some(one),
            own: self.own,
        };
        // not prepared: behind a pooler the name would be another session's
        let text = format!(
            "SELECT pg_catalog.{function}({process}) WHERE {} = '{server:016x}'",
            scope::SERVER
        );
        let Some(one) = &mut used.one else { return Ok(()) };
        let answer = (&mut one.connection).execute(AssertSqlSafe(text)).await?;
        if answer.rows_affected() == 0 {
            // the next connection may lead there
            return Err(sqlx::Error::RowNotFound);
        }
        one.since = Instant::now();
        if self.budget.cancelling.wanted() == 0 {
            *kept = used.one.take();
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
        drop(Used {
            one: kept.take(),
            own: self.own,
        });
    }

    pub(super) fn is_closed(&self) -> bool {
        self.kept.try_lock().is_ok_and(|kept| kept.is_none())
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use sqlx::Row;
    use tenancy_core::registry::connect_options;
    use tenancy_testkit::Postgres;

    use super::*;
    use crate::PoolOptions;

    /// What becomes of a statement that is cancelled, when its server is `another` one than the canceller's.
    async fn check(another: u64, expect: Option<&str>) {
        let server = Postgres::shared().await.unwrap();
        let name = format!("cancel_{another}");
        let (owner, role) = (format!("{name}_owner"), format!("{name}_runtime"));
        let database = server.create_database(&name, &owner, &role).await.unwrap();
        let connect = connect_options(&database.runtime_url).unwrap();
        let mut victim = connect.connect().await.unwrap();
        let ask = format!("SELECT pg_backend_pid(), {}", scope::SERVER);
        let row = victim.fetch_one(AssertSqlSafe(ask)).await.unwrap();
        let backend = Backend {
            process: row.get(0),
            server: u64::from_str_radix(row.get(1), 16).unwrap() + another,
        };
        let budget = Arc::new(Budget::new(&PoolOptions::default()));
        let canceller = Canceller::new(Arc::new(Target::known(connect)), budget, 0, true);
        let cancel = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            canceller.cancel(Some(backend)).await
        };
        let (slept, cancelled) = tokio::join!(victim.execute("SELECT pg_sleep(1)"), cancel);
        assert_eq!(cancelled.is_ok(), expect.is_some());
        let error = slept.err();
        let code = error.as_ref().and_then(|error| error.as_database_error()?.code());
        assert_eq!(code.as_deref(), expect);
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_does_not_keep_the_next_from_cancelling() {
        let server = Postgres::shared().await.unwrap();
        let database = server
            .create_database("cancel_dropped", "cancel_dropped_owner", "cancel_dropped_runtime")
            .await
            .unwrap();
        let connect = connect_options(&database.runtime_url).unwrap();
        let mut victim = connect.connect().await.unwrap();
        let ask = format!("SELECT pg_backend_pid(), {}", scope::SERVER);
        let row = victim.fetch_one(AssertSqlSafe(ask)).await.unwrap();
        let backend = Backend {
            process: row.get(0),
            server: u64::from_str_radix(row.get(1), 16).unwrap(),
        };
        let options = PoolOptions {
            connection_budget: 2,
            ..PoolOptions::default()
        };
        let budget = Arc::new(Budget::new(&options));
        let canceller = Canceller::new(Arc::new(Target::known(connect)), budget, 0, true);
        for round in 0..3 {
            canceller.cancel(Some(backend)).await.unwrap();
            let given_up = canceller.cancel(Some(backend)).now_or_never();
            assert!(given_up.is_none(), "round {round}: it was not in the middle");
        }
        canceller.cancel(Some(backend)).await.unwrap();
    }

    #[tokio::test]
    async fn of_several_servers_only_the_backends_own_is_asked() {
        check(0, Some("57014")).await;
        check(1, None).await;
    }
}
