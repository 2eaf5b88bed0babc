//! A handle to a logical database.

use std::fmt;

use tenancy_core::{DatabaseName, Error, Location, Permit, Result, TenantContext, WritePermission};

use crate::{Databases, Position, ReadConnection, Staleness, Transaction, pool::Pool};

/// A handle to a logical database. Cheap to clone. The tenant's placement says which physical database it is.
#[derive(Clone)]
pub struct SqlHandle {
    databases: Databases,
    name: DatabaseName,
}

impl SqlHandle {
    pub(crate) fn new(databases: Databases, name: DatabaseName) -> Self {
        Self { databases, name }
    }

    /// A connection that reads for the context's tenant. No round trip when an idle one reads for it already, one when
    /// an idle one must be scoped, three or more when one must be opened.
    ///
    /// # Errors
    ///
    /// `NotEntitled` when the tenant has no such database, or its plan no connection, `NotFound` when this deployment does
    /// not know where it is. `Unavailable` when no connection can be had in time: within the context's deadline and the pool's bound,
    /// whichever comes first; with [`BudgetExhausted`](crate::BudgetExhausted) as its source when that is for the process's
    /// connections to all databases.
    ///
    /// A query needs a context; there is no other way to a connection:
    ///
    /// ```compile_fail,E0061
    /// async fn unscoped(core: tenancy_sql::SqlHandle) {
    ///     core.read().await;
    /// }
    /// ```
    pub async fn read(&self, context: &TenantContext) -> Result<ReadConnection> {
        let lease = self.pool(context)?.read(context).await?;
        Ok(ReadConnection::new(lease))
    }

    /// A connection that reads for the context's tenant a state that may be so old: from a replica that is proven to be fresh
    /// enough, or else from the primary, as [`read`](Self::read) does. Without replicas it is `read`.
    ///
    /// The bound holds when the connection is handed out; no statement sees an older state than the one before it. No round
    /// trip when an idle connection to the replica reads for the tenant and was proven within a second, one else; one more, to
    /// the primary, when nobody has asked it for as long as the bound. A replica that does not serve is left alone for up to
    /// half a minute, so it costs nothing per read.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read). A statement that a replica ended so that it could replay (SQLSTATE 40001) is `Unavailable`: do
    /// it again with `read`.
    pub async fn read_within(&self, context: &TenantContext, staleness: Staleness) -> Result<ReadConnection> {
        let location = self.location(context)?;
        match self.databases.read_replica(location, context, staleness).await {
            Some(lease) => Ok(ReadConnection::of_replica(lease)),
            None => self.read(context).await,
        }
    }

    /// The same for a caller that must see its own write, at whatever age beside that: from a replica that has replayed it, or
    /// else from the primary. Nothing waits for a replica to catch up. A position of another database, or of a history that
    /// ended with a failover, leads to the primary.
    ///
    /// # Errors
    ///
    /// As [`read_within`](Self::read_within).
    pub async fn read_after(&self, context: &TenantContext, position: &Position) -> Result<ReadConnection> {
        self.read_within(context, Staleness::after(*position)).await
    }

    /// A transaction that writes for the permit's tenant, in the name of its actor. One round trip on an idle connection.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    ///
    /// Writing takes a permit, not a context:
    ///
    /// ```compile_fail,E0308
    /// async fn unchecked(core: tenancy_sql::SqlHandle, context: &tenancy_core::TenantContext) {
    ///     core.begin::<tenancy_core::DataWrite>(context).await;
    /// }
    /// ```
    pub async fn begin<P: WritePermission>(&self, permit: &Permit<P>) -> Result<Transaction> {
        let context = permit.context();
        let lease = self.pool(context)?.begin(context).await?;
        Ok(Transaction::new(lease, permit.trail()))
    }

    /// Whether the context's tenant has this database, and this deployment knows where it is. No I/O.
    ///
    /// # Errors
    ///
    /// `NotEntitled` and `NotFound` of the database, as [`read`](Self::read).
    pub fn resolve(&self, context: &TenantContext) -> Result<()> {
        self.pool(context).map(drop)
    }

    /// A transaction of our own bookkeeping, whose caller holds the permit.
    pub(crate) async fn begin_own(&self, context: &TenantContext) -> Result<Transaction> {
        let lease = self.pool(context)?.begin(context).await?;
        Ok(Transaction::new(lease, None))
    }

    fn pool(&self, context: &TenantContext) -> Result<Pool> {
        self.databases.pool(self.location(context)?)
    }

    fn location<'c>(&self, context: &'c TenantContext) -> Result<&'c Location> {
        context.still_stands()?;
        let location = context.placement().sql.get(&self.name);
        location.ok_or_else(|| Error::not_entitled(self.name.as_str(), None))
    }
}

impl fmt::Debug for SqlHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlHandle")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
