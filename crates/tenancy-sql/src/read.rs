//! A connection that reads for one tenant.

use std::time::Duration;

use sqlx::postgres::PgConnection;

use crate::{
    executor::Lend,
    pool::{Lease, Watch},
};

/// A connection that reads for one tenant: what it can see is fenced by the database, and what it can change is nothing.
///
/// `&mut` of it is a [`sqlx::Executor`]; each statement is a round trip (its first use on a connection is one more) and
/// sees the database as it is then. For several statements over one state, use one statement, or a transaction.
/// Dropped in the middle of a statement, the statement is cancelled on the server.
///
/// It does not lend the driver's connection: two of them could be swapped, and with them their tenants.
///
/// ```compile_fail,E0614
/// fn swap(a: &mut tenancy_sql::ReadConnection, b: &mut tenancy_sql::ReadConnection) {
///     std::mem::swap(&mut **a, &mut **b);
/// }
/// ```
#[derive(Debug)]
pub struct ReadConnection {
    lease: Lease,
    of_replica: bool,
}

impl ReadConnection {
    pub(crate) fn new(lease: Lease) -> Self {
        Self {
            lease,
            of_replica: false,
        }
    }

    pub(crate) fn of_replica(lease: Lease) -> Self {
        Self {
            lease,
            of_replica: true,
        }
    }

    /// How long it was waited for: for the tenant's turn, a place in the pool and, when none was idle, a new connection.
    /// What it took to scope it to the tenant is not in it.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.lease.waited()
    }

    /// Whether it leads to a replica.
    #[must_use]
    pub fn is_of_replica(&self) -> bool {
        self.of_replica
    }
}

impl Lend for ReadConnection {
    fn lend(&mut self) -> Result<(&mut PgConnection, Watch<'_>), sqlx::Error> {
        self.lease.lend()
    }
}
