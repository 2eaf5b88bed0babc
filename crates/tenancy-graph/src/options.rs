//! How graphs are reached.

use std::time::Duration;

/// How the instances are reached, each and together.
#[derive(Clone, Debug)]
pub struct GraphOptions {
    /// Connections to one instance, at most, whichever of its databases they lead to.
    pub max_connections: usize,
    /// Instances that connections are kept to, at most. The one that was used least recently makes way, when nobody uses it.
    pub max_instances: usize,
    /// How long a caller waits for a connection of its instance. A context's deadline that comes earlier wins.
    pub acquire_timeout: Duration,
    /// How long a connection may take to open, its login included; and how long a rollback may take before its connection is
    /// closed instead.
    pub connect_timeout: Duration,
    /// How long a statement may take. The server ends a read then; a transaction's connection is closed, whereupon the server
    /// ends it.
    pub statement_timeout: Duration,
    /// How long a transaction may take from its begin to its commit.
    pub transaction_timeout: Duration,
    /// For how long a connection idles before it is closed: looked at when any is asked for.
    pub idle_timeout: Duration,
}

impl Default for GraphOptions {
    /// 8 connections to each of 64 instances, waited for at most 3 s; 5 s to connect, statements of 30 s, transactions of 60 s,
    /// idle for 5 minutes.
    fn default() -> Self {
        Self {
            max_connections: 8,
            max_instances: 64,
            acquire_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            transaction_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(300),
        }
    }
}
