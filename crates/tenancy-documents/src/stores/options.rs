//! How long and how many.

use std::time::Duration;

/// Bounds of a process's document stores.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DocumentOptions {
    /// How long a call may take when its context has no earlier deadline. 30 s.
    pub call_timeout: Duration,
    /// How many databases have a client at a time. 256.
    pub max_clients: u64,
    /// How long a client is kept that nobody uses. 10 min.
    pub client_idle: Duration,
    /// How often a transaction begins anew when others were there first. 5.
    pub transaction_attempts: u32,
    /// How many may listen to one database at a time, of all tenants; one more is refused. 1,000.
    pub max_listeners: usize,
    /// How many of them may be one tenant's. 100.
    pub tenant_listeners: usize,
    /// How long a listener looks for a database that is away before it ends. 60 s.
    pub listener_patience: Duration,
}

impl Default for DocumentOptions {
    fn default() -> Self {
        Self {
            call_timeout: Duration::from_secs(30),
            max_clients: 256,
            client_idle: Duration::from_secs(600),
            transaction_attempts: 5,
            max_listeners: 1_000,
            tenant_listeners: 100,
            listener_patience: Duration::from_secs(60),
        }
    }
}
