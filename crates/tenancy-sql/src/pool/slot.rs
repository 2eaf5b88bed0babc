//! One connection, and what its session is known to be.

use futures::FutureExt;
use sqlx::{
    AssertSqlSafe, Connection, Executor, Row,
    postgres::{PgConnection, PgRow},
};
use tenancy_core::{TenantId, UserId};

use super::{
    bounds::{Scope, Times},
    canceller::Backend,
    scope::{self, Before},
};
use crate::{
    Hygiene, PoolMode,
    budget::Unit,
    replica::{ASK_POSITION, ASK_STANDBY, Point, Refusal, Standby, Want},
    seal::{Refused, Seal},
};

/// How many statements a connection may hold that the server prepared and we gave up before we heard of it: nobody can use
/// or close them, so a connection with more is replaced.
const LOST_STATEMENTS: usize = 100;

/// One connection, and what its session is known to be.
pub(crate) struct Slot {
    pub(super) connection: PgConnection,
    pub(super) session: Session,
    /// For cancelling what runs on it. Not known before it is scoped.
    backend: Option<Backend>,
    ways: Ways,
    /// What it costs of the budget.
    unit: Unit,
    /// In a sealed database.
    seal: Option<Seal>,
    /// What its server said of itself, if it was asked: whether it is a replica, and how far.
    standby: Option<Standby>,
}

/// How a pool treats its connections.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    pub(super) mode: PoolMode,
    pub(super) hygiene: Hygiene,
    /// What the session falls back to.
    pub(super) times: Times,
    /// Whether the session was told its settings when it was opened.
    pub(super) told: bool,
}

/// What a message asks beside what it does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// How far a replica is.
    HowFar,
}

/// A pooler took the settings of a session and did not pass them on.
#[derive(Debug, thiserror::Error)]
#[error("the session was not told its settings")]
pub(super) struct Untold;

/// What is known of a session outside of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    /// No tenant has used it since it was opened or scrubbed; or it is another one for each transaction.
    Blank,
    /// A transaction of a tenant ran on it; the tenant's residue may be there, its setting is not.
    Used(TenantId),
    /// Scoped to read for a tenant.
    Reads(Scope),
    /// It was being changed when the change was last heard of.
    Unknown,
}

impl Session {
    pub(super) fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Used(tenant) => Some(tenant),
            Self::Reads(scope) => Some(scope.tenant),
            Self::Blank | Self::Unknown => None,
        }
    }

    pub(super) fn reads_for(self, tenant: TenantId) -> bool {
        matches!(self, Self::Reads(scope) if scope.tenant == tenant)
    }

    /// Whether another tenant, or nobody knows who, may have left something.
    fn residue_for(self, tenant: TenantId) -> bool {
        self != Self::Blank && self.tenant() != Some(tenant)
    }
}

impl Slot {
    pub(super) fn new(connection: PgConnection, ways: Ways, unit: Unit, seal: Option<Seal>) -> Self {
        Self {
            connection,
            session: Session::Blank,
            backend: None,
            ways,
            unit,
            seal,
            standby: None,
        }
    }

    /// Its parts, to be closed, and whether the session is the connection's own, so that the server may be asked to end it.
    pub(super) fn into_parts(self) -> (PgConnection, Unit, bool) {
        let own = self.ways.mode == PoolMode::Session && self.ways.told;
        (self.connection, self.unit, own)
    }

    pub(super) fn backend(&self) -> Option<Backend> {
        self.backend
    }

    /// Whether a statement may be prepared under a name.
    pub(super) fn names_statements(&self) -> bool {
        !self.is_pooled()
    }

    /// Whether each transaction may be another session's.
    pub(super) fn is_pooled(&self) -> bool {
        self.ways.mode == PoolMode::Transaction
    }

    pub(super) fn is_sealed(&self) -> bool {
        self.seal.is_some()
    }

    /// Makes it read for the scope's tenant. No round trip when it does so already, one else.
    ///
    /// In [`PoolMode::Transaction`] it begins a transaction: see [`enter_transaction`](Self::enter_transaction).
    pub(super) async fn enter_read(&mut self, scope: Scope) -> sqlx::Result<()> {
        self.read(scope, Asks::Nothing).await
    }

    /// The same on a replica, when that has what is wanted. It is asked in the message that scopes, or with one round trip
    /// when it reads for the tenant already; not at all when it said so before.
    pub(super) async fn enter_standby(
        &mut self,
        scope: Scope,
        want: &Want,
    ) -> sqlx::Result<(Option<Standby>, Result<(), Refusal>)> {
        // another session may be another server's
        let known = self.standby.filter(|_| !self.is_pooled());
        let asks = match known {
            Some(standby) if standby.suffices(want) => Asks::Nothing,
            _ => Asks::HowFar,
        };
        self.read(scope, asks).await?;
        let judged = self
            .standby
            .map_or(Err(Refusal::NoReplica), |said| said.judge(want));
        Ok((self.standby, judged))
    }

    async fn read(&mut self, scope: Scope, asks: Asks) -> sqlx::Result<()> {
        if self.ways.mode == PoolMode::Transaction {
            return self.begin_anywhere((scope, None), false, asks).await;
        }
        if self.session == Session::Reads(scope) {
            return match asks {
                Asks::Nothing => Ok(()),
                Asks::HowFar => self.ask_standby().await,
            };
        }
        let before = self.leave_for(scope.tenant).await?;
        self.change(scope::read(scope, &before), &before, asks).await?;
        self.session = Session::Reads(scope);
        Ok(())
    }

    /// Asks how far the server is. One round trip; the session stays what it is.
    async fn ask_standby(&mut self) -> sqlx::Result<()> {
        let row = self.ask(ASK_STANDBY).await?;
        self.standby = Some(Standby::from_row(&row)?);
        Ok(())
    }

    /// Asks a primary where it is in what it writes. The same.
    pub(super) async fn ask_position(&mut self) -> sqlx::Result<Point> {
        let row = self.ask(ASK_POSITION).await?;
        Point::from_row(&row)
    }

    /// One question of our own, in whatever session this is.
    async fn ask(&mut self, text: &'static str) -> sqlx::Result<PgRow> {
        let left = std::mem::replace(&mut self.session, Session::Unknown);
        let mut rows = sqlx::raw_sql(text).fetch_all(&mut self.connection).await?;
        self.session = left;
        rows.pop().ok_or(sqlx::Error::RowNotFound)
    }

    /// Begins a transaction: one round trip. The caller holds the session for dirty from before this call until its own
    /// COMMIT or ROLLBACK is acknowledged.
    pub(super) async fn enter_transaction(
        &mut self,
        scope: Scope,
        actor: Option<UserId>,
    ) -> sqlx::Result<()> {
        if self.ways.mode == PoolMode::Transaction {
            return self.begin_anywhere((scope, actor), true, Asks::Nothing).await;
        }
        let after = match self.session {
            reads if reads.reads_for(scope.tenant) => reads,
            _ => Session::Used(scope.tenant),
        };
        let before = self.leave_for(scope.tenant).await?;
        self.change(scope::begin(scope, actor, &before), &before, Asks::Nothing)
            .await?;
        self.session = after;
        Ok(())
    }

    /// Leaves what the session is, for `tenant`. In a strict pool the statements that are remembered are closed for another
    /// tenant, which is one round trip.
    async fn leave_for(&mut self, tenant: TenantId) -> sqlx::Result<Before> {
        let left = std::mem::replace(&mut self.session, Session::Unknown);
        let residue = left.residue_for(tenant);
        if residue {
            self.forget_statements().await?;
        }
        let Ways {
            hygiene, times, told, ..
        } = self.ways;
        let statement = match left {
            Session::Reads(scope) if !residue => scope.times.statement,
            _ => times.statement,
        };
        // a tenant that stays keeps its seal, which outlives its transactions
        let seal = self.seal.as_ref().filter(|_| left.tenant() != Some(tenant));
        Ok(Before {
            open: seal.map(|seal| seal.open(tenant)),
            sealed: self.seal.is_some(),
            residue: residue.then_some(hygiene),
            settings: (!told && (residue || left == Session::Blank)).then_some(times),
            known: Times { statement, ..times },
        })
    }

    async fn begin_anywhere(
        &mut self,
        (scope, actor): (Scope, Option<UserId>),
        writes: bool,
        asks: Asks,
    ) -> sqlx::Result<()> {
        self.session = Session::Unknown;
        self.leave_backend();
        let text = scope::begin_anywhere(scope, actor, writes);
        self.send(text, asks).await?;
        self.session = Session::Blank;
        Ok(())
    }

    /// In [`PoolMode::Transaction`] each transaction may be another backend's: from before the end of one is sent, what is
    /// cancelled there could be another tenant's.
    pub(super) fn leave_backend(&mut self) {
        if self.ways.mode == PoolMode::Transaction {
            self.backend = None;
        }
    }

    /// The driver's own memory of the statements that a strict reset closes.
    async fn forget_statements(&mut self) -> sqlx::Result<()> {
        match self.ways.hygiene {
            Hygiene::Strict if self.connection.cached_statements_size() > 0 => {
                self.connection.clear_cached_statements().await
            }
            _ => Ok(()),
        }
    }

    /// Sends the message that leaves what the session was.
    async fn change(&mut self, text: String, before: &Before, asks: Asks) -> sqlx::Result<()> {
        let sent = self.send(text, asks).await;
        match self.seal.as_mut() {
            None => sent,
            Some(seal) => {
                sent.map_err(Refused::from_error)?;
                if before.open.is_some() {
                    seal.opened();
                }
                Ok(())
            }
        }
    }

    /// Sends a message of ours; the first one on a connection asks for its backend too.
    async fn send(&mut self, mut text: String, asks: Asks) -> sqlx::Result<()> {
        let asks_backend = self.backend.is_none();
        if asks == Asks::Nothing && !asks_backend {
            (&mut self.connection).execute(AssertSqlSafe(text)).await?;
            return Ok(());
        }
        if asks == Asks::HowFar {
            text.push_str("; ");
            text.push_str(ASK_STANDBY);
        }
        if asks_backend {
            text.push_str(scope::BACKEND);
        }
        let mut rows = sqlx::raw_sql(AssertSqlSafe(text))
            .fetch_all(&mut self.connection)
            .await?;
        let mut last = || rows.pop().ok_or(sqlx::Error::RowNotFound);
        if asks_backend {
            self.is_backend(&last()?)?;
        }
        if asks == Asks::HowFar {
            self.standby = Some(Standby::from_row(&last()?)?);
        }
        Ok(())
    }

    /// The answer to [`scope::BACKEND`].
    fn is_backend(&mut self, row: &PgRow) -> sqlx::Result<()> {
        let search_path: &str = row.try_get(2)?;
        if self.ways.mode == PoolMode::Session && search_path.replace(", ", ",") != scope::SEARCH_PATH {
            return Err(sqlx::Error::Configuration(Box::new(Untold)));
        }
        self.backend = Some(Backend::read(row.try_get(0)?, row.try_get(1)?)?);
        Ok(())
    }

    /// Whether it is known what the session is.
    pub(super) fn is_known(&self) -> bool {
        self.session != Session::Unknown
    }

    /// Whether nothing is buffered and the server owes no answer. Costs no round trip; an answer that has arrived
    /// already is consumed.
    pub(super) fn is_protocol_idle(&mut self) -> bool {
        !self.connection.should_flush()
            && !self.connection.is_in_transaction()
            && matches!(self.connection.flush().now_or_never(), Some(Ok(())))
    }

    /// Waits for the answers that are owed, past the errors among them.
    pub(super) async fn drain(&mut self) -> sqlx::Result<()> {
        loop {
            match self.connection.flush().await {
                Ok(()) => return Ok(()),
                Err(sqlx::Error::Database(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends a transaction that is known to be in order. One round trip; leaves a session of its own to [`scrub`](Self::scrub).
    pub(super) async fn roll_back(&mut self) -> sqlx::Result<bool> {
        if self.ways.mode == PoolMode::Session {
            return self.scrub().await;
        }
        self.leave_backend();
        (&mut self.connection).execute(scope::ROLLBACK).await?;
        Ok(!self.connection.is_in_transaction())
    }

    /// Ends any transaction, clears the session and proves it. One round trip, and one more in a strict pool.
    pub(super) async fn scrub(&mut self) -> sqlx::Result<bool> {
        self.session = Session::Unknown;
        self.forget_statements().await?;
        let hygiene = match self.ways.mode {
            PoolMode::Session => self.ways.hygiene,
            // others may have prepared the session's statements
            PoolMode::Transaction => Hygiene::Reset,
        };
        let text = scope::scrub(hygiene, self.seal.is_some());
        let query = sqlx::raw_sql(AssertSqlSafe(text));
        let rows = query.fetch_all(&mut self.connection).await?;
        let Some(row) = rows.last() else { return Ok(false) };
        let (backend, tenant, outside): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let prepared = row.try_get::<String, _>(3)?.parse().unwrap_or(usize::MAX);
        let lost = prepared.saturating_sub(self.connection.cached_statements_size());
        // another session's statements say nothing of this one
        let sealed = match self.seal.as_mut() {
            None => true,
            Some(seal) => seal.is_the_sessions(row.try_get(4)?),
        };
        let clean = sealed
            && (lost <= LOST_STATEMENTS || self.ways.mode == PoolMode::Transaction)
            && self.backend.is_none_or(|own| backend == own.process.to_string())
            && tenant.is_empty()
            && outside == "true"
            && !self.connection.is_in_transaction();
        if clean {
            self.session = Session::Blank;
        }
        Ok(clean)
    }
}
