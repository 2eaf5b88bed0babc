//! Opens a connection, within the budget.

use std::sync::{Arc, atomic::Ordering};

use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::{Error, Result, TenantId};
use tokio::time::Instant;

use super::{
    Inner,
    bounds::Times,
    evict,
    idle::Need,
    scope,
    slot::{Slot, Ways},
};
use crate::{
    PoolMode,
    budget::{Asked, ENDING, Turn, Unit},
    seal::{Refused, Seal},
};

/// How often a caller who waits for a unit of the budget looks around again.
const LOOKS_AROUND: std::time::Duration = std::time::Duration::from_millis(100);

/// How a pooler refuses settings that it does not know (SQLSTATE).
const PROTOCOL_VIOLATION: &str = "08P01";
/// How the server refuses a password, or a role (SQLSTATE).
const REFUSED_LOGINS: [&str; 2] = ["28P01", "28000"];

/// What a caller got who has the right to open a connection.
pub(super) enum Entry {
    /// The right of the budget's, too.
    Open(Unit),
    /// A connection that came back meanwhile.
    Idle(Box<Slot>),
}

impl Inner {
    /// A unit of the budget, or an idle connection of this pool's, until then.
    pub(super) async fn entry(
        self: &Arc<Self>,
        tenant: TenantId,
        need: Need,
        until: Instant,
    ) -> Result<Entry> {
        let cap = self.options.max_connections as usize;
        let mut turn = match self.budget.serving.ask(self.number, cap)? {
            Asked::Has(unit) => return Ok(Entry::Open(unit)),
            Asked::Waits(turn) => turn,
        };
        self.openers.fetch_add(1, Ordering::SeqCst);
        let entry = self.wait(&mut turn, tenant, need);
        let entry = Opener(self).within(entry, until).await;
        entry.unwrap_or_else(|| Err(self.budget.serving.refusal()))
    }

    async fn wait(self: &Arc<Self>, turn: &mut Turn, tenant: TenantId, need: Need) -> Result<Entry> {
        loop {
            let idle = self.state.lock().instead_of_opening(tenant, need);
            if let Some(slot) = idle {
                return Ok(Entry::Idle(Box::new(slot)));
            }
            evict::for_others(&self.budget);
            tokio::select! {
                unit = turn.unit() => {
                    return unit.map(Entry::Open).ok_or_else(|| Error::unavailable("the budget is gone"));
                }
                () = self.came_back.notified() => {}
                () = tokio::time::sleep(LOOKS_AROUND) => self.budget.serving.expire(),
            }
        }
    }

    /// Opens a connection. A login that is refused is tried once more when the secret has changed.
    pub(super) async fn open(&self, unit: Unit) -> Result<Slot> {
        let opening = tokio::time::timeout(self.options.connect_timeout, self.connect(unit));
        match opening.await {
            Ok(opened) => opened,
            Err(_) => Err(Error::unavailable(
                "the database did not accept a connection in time",
            )),
        }
    }

    async fn connect(&self, mut unit: Unit) -> Result<Slot> {
        let mut connect = self.target.connect().map_err(Error::unavailable)?;
        unit.opens();
        let mut opened = self.log_in(&connect).await;
        if opened.as_ref().is_err_and(is_refused_login)
            && let Some(changed) = self.target.reread(&connect)
        {
            connect = changed;
            opened = self.log_in(&connect).await;
        }
        match opened {
            Ok((connection, ways, seal)) => Ok(Slot::new(connection, ways, unit, seal)),
            Err(error) => {
                give_back(unit, &error);
                Err(unreachable(error))
            }
        }
    }

    async fn log_in(&self, connect: &PgConnectOptions) -> sqlx::Result<(PgConnection, Ways, Option<Seal>)> {
        let times = Times::of(&self.options);
        let mut told = self.told.load(Ordering::Relaxed);
        let mut connection = None;
        if told {
            let telling = connect.clone().options(scope::settings(times));
            match telling.connect().await {
                Err(error) if code(&error).as_deref() == Some(PROTOCOL_VIOLATION) => {
                    self.tells_by_message();
                    told = false;
                }
                answer => connection = Some(answer?),
            }
        }
        let mut connection = match connection {
            Some(connection) => connection,
            None => connect.connect().await?,
        };
        let seal = match &self.options.seal {
            Some(key) => match Seal::begin(&mut connection, key).await {
                Ok(seal) => Some(seal),
                Err(error) => {
                    let _ = connection.close().await;
                    return Err(error);
                }
            },
            None => None,
        };
        let (mode, hygiene) = (self.options.mode, self.options.hygiene);
        Ok((
            connection,
            Ways {
                mode,
                hygiene,
                times,
                told,
            },
            seal,
        ))
    }

    /// A pooler stands between: from here on sessions are told their settings when they are scoped.
    pub(super) fn tells_by_message(&self) {
        if self.told.swap(false, Ordering::Relaxed) && self.options.mode == PoolMode::Session {
            tracing::info!(
                "a pooler stands before the database: settings go in the message that scopes a session"
            );
        }
    }
}

/// One more that waits for the budget, for as long as it lives.
struct Opener<'p>(&'p Inner);

impl Opener<'_> {
    async fn within<T>(self, work: impl Future<Output = T>, until: Instant) -> Option<T> {
        tokio::time::timeout_at(until, work).await.ok()
    }
}

impl Drop for Opener<'_> {
    fn drop(&mut self) {
        self.0.openers.fetch_sub(1, Ordering::SeqCst);
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

fn is_refused_login(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| REFUSED_LOGINS.contains(&code.as_str()))
}

/// A server that answered ends the session itself; one that took no connection has none.
pub(crate) fn give_back(unit: Unit, error: &sqlx::Error) {
    match error {
        sqlx::Error::Database(_) | sqlx::Error::Configuration(_) => unit.ends_within(ENDING),
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => unit.let_go(),
        _ => drop(unit),
    }
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
        sqlx::Error::Configuration(refused) if refused.is::<Refused>() => refused.to_string(),
        _ => "the database can't be reached".to_owned(),
    };
    Error::unavailable(log).with_source(error)
}
