//! A connection, or the right to open one, that comes back when it is dropped.

use std::{fmt, sync::Arc, time::Duration};

use sqlx::postgres::{PgConnection, PgDatabaseError, PgSeverity};
use tenancy_core::{Error, Result, TenantId};
use tokio::{task::JoinHandle, time::Instant};

use super::{
    Inner, close,
    idle::Need,
    open::Entry,
    recover,
    slot::{Slot, Untold},
};
use crate::seal::Refused;

/// How much longer than the server's own bound an answer may take.
const GRACE: Duration = Duration::from_secs(2);

/// One unit of a pool's capacity, with its connection once there is one. Dropping it, at any point, gives it back: the
/// connection only when it is known to be clean.
pub(crate) struct Lease {
    pool: Arc<Inner>,
    /// Whose it is: a connection that is being recovered counts for who left it.
    tenant: TenantId,
    slot: Option<Slot>,
    /// The connection that is being opened.
    opening: Option<JoinHandle<Result<Slot>>>,
    /// A connection was begun to be opened: what fails from then on fails for the server.
    dials: bool,
    /// How long its connection was waited for.
    waited: Duration,
    /// How long the server lets a statement run, if not for ever.
    statement: Option<Duration>,
    /// Set before a transaction of ours begins, cleared when its end was acknowledged.
    in_transaction: bool,
    /// Set while a statement runs: one that was given up may have left what nobody heard of.
    running: bool,
    armed: bool,
}

impl Lease {
    pub(super) fn new(pool: &Arc<Inner>, tenant: TenantId, slot: Option<Slot>) -> Self {
        Self {
            pool: Arc::clone(pool),
            tenant,
            slot,
            opening: None,
            dials: false,
            waited: Duration::ZERO,
            statement: None,
            in_transaction: false,
            running: false,
            armed: true,
        }
    }

    /// Its connection, or one that is opened within the budget, which is waited for until then.
    pub(super) async fn slot_or_open(&mut self, need: Need, until: Instant) -> Result<&mut Slot> {
        let slot = match self.slot.take() {
            Some(slot) => slot,
            None => match self.pool.entry(self.tenant, need, until).await? {
                Entry::Idle(slot) => *slot,
                Entry::Open(unit, pass) => {
                    self.dials = true;
                    let pool = Arc::clone(&self.pool);
                    let opening = tokio::spawn(async move { pool.open(unit, &pass).await });
                    let opened = self.opening.insert(opening).await;
                    self.opening = None;
                    opened.unwrap_or_else(|_| Err(Error::internal("opening a connection panicked")))?
                }
            },
        };
        Ok(self.slot.insert(slot))
    }

    /// Whether it has a connection, or tries to.
    pub(super) fn dials(&self) -> bool {
        self.dials || self.slot.is_some()
    }

    /// Its connection came so long after it was asked for.
    pub(super) fn got_after(&mut self, waited: Duration) {
        self.waited = waited;
    }

    /// How long its connection was waited for.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// From here on statements may run so long, and the connection is dirty while a transaction is open, whatever happens.
    pub(super) fn enter(&mut self, statement: Option<Duration>, in_transaction: bool) {
        self.statement = statement;
        self.in_transaction |= in_transaction;
    }

    /// The end of the transaction is about to be sent.
    pub(crate) fn transaction_ends(&mut self) {
        if let Some(slot) = &mut self.slot {
            slot.leave_backend();
        }
    }

    /// The end of the transaction was acknowledged.
    pub(crate) fn transaction_ended(&mut self) {
        self.in_transaction = false;
    }

    /// Scoping failed. A connection that died is dropped, and so are those that idle beside it; the caller may try again.
    pub(super) fn broken(&mut self, error: sqlx::Error) -> Result<()> {
        if matches!(error, sqlx::Error::Database(_)) && !gone(&error) && !is_fatal(&error) {
            return Err(error.into());
        }
        if matches!(&error, sqlx::Error::Configuration(cause) if cause.is::<Refused>()) {
            // SQL of a tenant can do that to its own connection; the others are not suspect
            tracing::error!(cause = ?error, "a connection's seal does not hold; it is closed");
            if let Some(slot) = self.slot.take() {
                close::spawn(&self.pool.budget, slot);
            }
            self.in_transaction = false;
            return Ok(());
        }
        match &error {
            sqlx::Error::Configuration(cause) if cause.is::<Untold>() => self.pool.tells_by_message(),
            _ => tracing::warn!("a connection to the database broke; it and the idle ones are closed"),
        }
        self.close_all();
        Ok(())
    }

    /// Closes the connection, and those that idle beside it: their server is not one to be read from.
    pub(super) fn close_all(&mut self) {
        if let Some(slot) = self.slot.take() {
            close::spawn(&self.pool.budget, slot);
        }
        self.in_transaction = false;
        self.pool.evict_idle();
    }

    /// The connection for one statement. Absent only when the connection died while it was scoped.
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        let slot = self.slot.as_mut();
        slot.map(|slot| &mut slot.connection)
            .ok_or(sqlx::Error::WorkerCrashed)
    }

    /// How long an answer may be waited for: a little more than the server lets a statement run. It ends the wait for a
    /// server that fell silent.
    pub(crate) fn patience(&self) -> Duration {
        self.statement.map_or(Duration::MAX, |bound| bound + GRACE)
    }

    /// The connection and who follows what runs on it, for one statement.
    pub(crate) fn lend(&mut self) -> Result<(&mut PgConnection, Watch<'_>), sqlx::Error> {
        let patience = self.patience();
        let slot = self.slot.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        self.running = true;
        let watch = Watch {
            pool: Arc::clone(&self.pool),
            patience,
            running: &mut self.running,
            failed: None,
            names_statements: slot.names_statements(),
            sealed: slot.is_sealed(),
        };
        Ok((&mut slot.connection, watch))
    }

    /// Takes the connection out of a lease that nobody wanted.
    pub(super) fn disarm(&mut self) -> Option<Slot> {
        self.armed = false;
        self.slot.take()
    }
}

/// Whether the connection is no more. The last words of a server that ends one are an error of the database's.
fn gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => true,
        // admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

/// Whether these were a connection's last words, a pooler's among them.
fn is_fatal(error: &sqlx::Error) -> bool {
    let said = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    said.is_some_and(|said| matches!(said.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

/// Follows one statement to its end.
pub(crate) struct Watch<'l> {
    pool: Arc<Inner>,
    patience: Duration,
    running: &'l mut bool,
    failed: Option<&'l mut bool>,
    names_statements: bool,
    sealed: bool,
}

impl<'l> Watch<'l> {
    /// Sets `failed` when the statement fails.
    pub(crate) fn telling(self, failed: &'l mut bool) -> Self {
        Self {
            failed: Some(failed),
            ..self
        }
    }

    /// How long an answer may be waited for.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Whether a statement may be prepared under a name.
    pub(crate) fn names_statements(&self) -> bool {
        self.names_statements
    }

    /// The statement's last word was heard. Of a connection that died or a server that goes away, the idle connections
    /// are suspect too.
    pub(crate) fn ended(&mut self, error: Option<&sqlx::Error>) {
        // a seal that may not hold is looked at before the connection serves again
        *self.running = self.sealed && error.is_some_and(Refused::is);
        let Some(error) = error else { return };
        if let Some(failed) = self.failed.as_mut() {
            **failed = true;
        }
        if gone(error) {
            self.pool.evict_idle();
        }
    }
}

impl Inner {
    fn evict_idle(&self) {
        let idle = self.state.lock().evict_idle();
        for slot in idle {
            close::spawn(&self.budget, slot);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        if let Some(opening) = self.opening.take() {
            return recover::adopt(&self.pool, self.tenant, opening);
        }
        let Some(mut slot) = self.slot.take() else {
            self.pool.release(self.tenant, None);
            return;
        };
        #[cfg(test)]
        if self.pool.unguarded.load(std::sync::atomic::Ordering::SeqCst) {
            self.pool.release(self.tenant, Some(slot));
            return;
        }
        let in_order = !self.running && slot.is_protocol_idle() && slot.is_known();
        if in_order && !self.in_transaction {
            self.pool.release(self.tenant, Some(slot));
        } else {
            recover::spawn(&self.pool, self.tenant, slot, in_order);
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("in_transaction", &self.in_transaction)
            .finish_non_exhaustive()
    }
}
