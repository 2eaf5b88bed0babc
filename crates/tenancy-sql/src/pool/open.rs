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
    gate::Pass,
    idle::Need,
    scope,
    slot::{Slot, Ways},
    unreachable::{give_back, unreachable},
};
use crate::{
    PoolMode,
    budget::{Asked, Turn, Unit},
    seal::Seal,
};

/// How often a caller who waits for a unit of the budget looks around again.
const LOOKS_AROUND: std::time::Duration = std::time::Duration::from_millis(100);

/// How a pooler refuses settings that it does not know (SQLSTATE).
const PROTOCOL_VIOLATION: &str = "08P01";
/// How the server refuses a password, or a role (SQLSTATE).
const REFUSED_LOGINS: [&str; 2] = ["28P01", "28000"];

/// How long a caller waits for a database that is left alone. One that is gone for longer refuses at once.
const LEFT_ALONE: std::time::Duration = std::time::Duration::from_millis(250);

/// What a caller got who has the right to open a connection.
pub(super) enum Entry {
    /// The right of the budget's, too, and the leave to ask the database.
    Open(Unit, Pass),
    /// A connection that came back meanwhile.
    Idle(Box<Slot>),
}

/// What came of asking the budget.
enum Granted {
    Unit(Unit),
    Idle(Box<Slot>),
}

impl Inner {
    /// The right to open a connection, or an idle one of this pool's, until then.
    pub(super) async fn entry(
        self: &Arc<Self>,
        tenant: TenantId,
        need: Need,
        until: Instant,
    ) -> Result<Entry> {
        loop {
            if let Some(slot) = self.gate_opens(tenant, need, until).await? {
                return Ok(Entry::Idle(slot));
            }
            let unit = match self.unit(tenant, need, until).await? {
                Granted::Unit(unit) => unit,
                Granted::Idle(slot) => return Ok(Entry::Idle(slot)),
            };
            // somebody else may have asked meanwhile, and have heard nothing good
            if let Some(pass) = self.gate.pass(Instant::now()) {
                return Ok(Entry::Open(unit, pass));
            }
        }
    }

    /// Waits while the database is left alone, unless that is for long; or has a connection that came back.
    async fn gate_opens(&self, tenant: TenantId, need: Need, until: Instant) -> Result<Option<Box<Slot>>> {
        while let Some(at) = self.gate.shut_until(Instant::now()) {
            if let Some(slot) = self.state.lock().instead_of_opening(tenant, need) {
                return Ok(Some(Box::new(slot)));
            }
            if at > until.min(Instant::now() + LEFT_ALONE) {
                return Err(self.gate.refusal());
            }
            tokio::time::sleep_until(at).await;
        }
        Ok(None)
    }

    async fn unit(self: &Arc<Self>, tenant: TenantId, need: Need, until: Instant) -> Result<Granted> {
        let cap = self.options.max_connections as usize;
        let mut turn = match self.budget.serving.ask(self.number, cap)? {
            Asked::Has(unit) => return Ok(Granted::Unit(unit)),
            Asked::Waits(turn) => turn,
        };
        self.openers.fetch_add(1, Ordering::SeqCst);
        let granted = self.wait(&mut turn, tenant, need);
        let granted = Opener(self).within(granted, until).await;
        granted.unwrap_or_else(|| Err(self.budget.serving.refusal()))
    }

    async fn wait(self: &Arc<Self>, turn: &mut Turn, tenant: TenantId, need: Need) -> Result<Granted> {
        loop {
            let idle = self.state.lock().instead_of_opening(tenant, need);
            if let Some(slot) = idle {
                return Ok(Granted::Idle(Box::new(slot)));
            }
            evict::for_others(&self.budget);
            tokio::select! {
                unit = turn.unit() => {
                    return unit.map(Granted::Unit).ok_or_else(|| Error::unavailable("the budget is gone"));
                }
                () = self.came_back.notified() => {}
                () = tokio::time::sleep(LOOKS_AROUND) => self.budget.serving.expire(),
            }
        }
    }

    /// Opens a connection. A login that is refused is tried once more when the secret has changed.
    pub(super) async fn open(&self, unit: Unit, pass: &Pass) -> Result<Slot> {
        let opening = tokio::time::timeout(self.options.connect_timeout, self.connect(unit));
        let opened = opening.await.unwrap_or_else(|_| {
            Err(Error::unavailable(
                "the database did not accept a connection in time",
            ))
        });
        match &opened {
            Ok(_) => self.gate.opened(),
            Err(error) => self.gate.failed(pass, error, Instant::now()),
        }
        opened
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
