//! How a pool behaves.

use std::time::Duration;

use tenancy_core::SecretRef;

/// How the pools of the physical databases behave, each and together.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// What a connection leads to.
    pub mode: PoolMode,
    /// What is done when a connection passes from one tenant to another.
    pub hygiene: Hygiene,
    /// Where the key of the [`seal`](crate::seal) is, of a sealed database. Not with [`PoolMode::Transaction`].
    pub seal: Option<SecretRef>,
    /// Connections to the database, at most. One more is opened, on demand, to cancel statements that nobody waits for.
    pub max_connections: u32,
    /// Connections to all databases together, at most, with those that cancel and those that the server has not let go of:
    /// see [`serving`](Self::serving).
    pub connection_budget: u32,
    /// For how long a connection idles before it is closed.
    pub idle_timeout: Duration,
    /// Connections that one tenant uses at a time, at most. Its plan's `database_connections` wins when it is less. A statement
    /// that computes takes a core of the database's as long as it runs: half of the cores leave the others theirs.
    pub tenant_connections: u32,
    /// Callers that may wait for a connection at one time; one more is refused at once.
    pub max_waiting: usize,
    /// Callers of one tenant that may wait, at most.
    pub tenant_waiting: usize,
    /// How long a caller waits for a connection: a day at most. A context's deadline that comes earlier wins.
    pub acquire_timeout: Duration,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long the server lets a statement run (`statement_timeout`). The plan's `statement_seconds` wins when it is less.
    pub statement_timeout: Duration,
    /// How long the server lets a transaction sit idle (`idle_in_transaction_session_timeout`). The plan's
    /// `idle_transaction_seconds` wins when it is less.
    pub idle_in_transaction_timeout: Duration,
}

/// What a connection leads to. It can not be told from a connection which it is, but a pooler that hands sessions around
/// below [`Session`](Self::Session) is found at boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoolMode {
    /// A session of its own: the server, or a pooler in session mode. A connection stays scoped to its tenant, so that the
    /// tenant's next read costs no round trip beside its own.
    #[default]
    Session,
    /// Another session for each transaction: a pooler in transaction mode. Reads are transactions too, settings are local
    /// to them, and statements are prepared without a name, as the next transaction's session would not know the name. After
    /// a statement of a read that failed, the read's others fail too; and a read that sits idle is ended as a transaction is.
    Transaction,
}

/// What is done when a connection passes from one tenant to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hygiene {
    /// Settings, cursors, listeners, temporary objects and advisory locks are reset, in the message that scopes the
    /// connection. Prepared statements stay: SQL that was injected by one tenant could have put another text under the name
    /// of one.
    #[default]
    Reset,
    /// Prepared statements are closed, too: one round trip more for another tenant, and one more for the first use of each
    /// statement after it. Of no more effect than [`Reset`](Self::Reset) in [`PoolMode::Transaction`], which prepares none
    /// and resets each session before each transaction.
    Strict,
}

impl PoolOptions {
    /// Connections of the budget that serve. A sixteenth of it, and one at least, is kept for those that cancel; of a budget of
    /// one nothing is.
    #[must_use]
    pub fn serving(&self) -> u32 {
        let all = self.connection_budget;
        all - all.div_ceil(CANCELLING).min(all.saturating_sub(1))
    }
}

/// What part of the budget is kept for cancelling: one in so many.
const CANCELLING: u32 = 16;

impl Default for PoolOptions {
    /// 8 connections to a database and 100 to all, closed when they idle for 5 minutes, 1,000 waiting for at most 3 s, with no less for one tenant; 2 s to connect, statements of 60 s,
    /// transactions idle for 10 s.
    fn default() -> Self {
        Self {
            mode: PoolMode::Session,
            hygiene: Hygiene::Reset,
            seal: None,
            max_connections: 8,
            connection_budget: 100,
            idle_timeout: Duration::from_secs(300),
            tenant_connections: 8,
            max_waiting: 1000,
            tenant_waiting: 1000,
            acquire_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(60),
            idle_in_transaction_timeout: Duration::from_secs(10),
        }
    }
}
