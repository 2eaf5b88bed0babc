//! How a fleet is migrated.

use std::time::Duration;

use tenancy_core::Location;

use super::Wave;

/// How a fleet is migrated.
#[derive(Clone, Debug)]
pub struct FleetOptions {
    /// Which databases come when.
    pub waves: Vec<Wave>,
    /// The databases that come first, in this order.
    pub canaries: Vec<Location>,
    /// Databases that are worked on at one time.
    pub parallel: usize,
    /// Databases that may fail in the same way before no more are begun. A wave in which one did is the last in any case.
    pub same_failures: usize,
    /// How often a database that is down or held, and a migration that gets no lock, is tried.
    pub attempts: u32,
    /// How long the first wait between two attempts is; each one after it is twice as long.
    pub retry_delay: Duration,
    /// How long another migrator of the same database is waited for.
    pub busy_wait: Duration,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long a statement waits for a lock (`lock_timeout`): everybody else waits behind it for as long.
    pub lock_timeout: Duration,
    /// How long a statement may run (`statement_timeout`).
    pub statement_timeout: Duration,
    /// How long a migration may take in all, should the server not answer any more.
    pub migration_timeout: Duration,
    /// Migrations up to this version are not linted: they ran before there was a lint.
    pub lint_after: i64,
}

impl Default for FleetOptions {
    /// One canary, a tenth, the rest; 4 at a time; one failure of a kind; 3 attempts from 1 s on; 30 s for another migrator;
    /// 10 s to connect, 3 s for a lock, 15 minutes a statement, one hour a migration; everything is linted.
    fn default() -> Self {
        Self {
            waves: vec![Wave::Count(1), Wave::Share(10), Wave::Rest],
            canaries: Vec::new(),
            parallel: 4,
            same_failures: 1,
            attempts: 3,
            retry_delay: Duration::from_secs(1),
            busy_wait: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(15 * 60),
            migration_timeout: Duration::from_secs(60 * 60),
            lint_after: 0,
        }
    }
}
