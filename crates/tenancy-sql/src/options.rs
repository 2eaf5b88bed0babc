//! How a pool behaves.

use std::time::Duration;

/// How the pool of one physical database behaves.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// Connections to the database, at most. One more is opened, on demand, to cancel statements that nobody waits for.
    pub max_connections: u32,
    /// Callers that may wait for a connection at one time; one more is refused at once.
    pub max_waiting: usize,
    /// How long a caller waits for a connection. A context's deadline that comes earlier wins.
    pub acquire_timeout: Duration,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long the server lets a statement run (`statement_timeout`).
    pub statement_timeout: Duration,
    /// How long the server lets a transaction sit idle (`idle_in_transaction_session_timeout`).
    pub idle_in_transaction_timeout: Duration,
}

impl Default for PoolOptions {
    /// 8 connections, 1,000 waiting for at most 3 s, 2 s to connect, statements of 10 s, transactions idle for 10 s.
    fn default() -> Self {
        Self {
            max_connections: 8,
            max_waiting: 1000,
            acquire_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
            idle_in_transaction_timeout: Duration::from_secs(10),
        }
    }
}
