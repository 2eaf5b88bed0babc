//! A handle to a logical database.

use std::fmt;

use tenancy_core::{DatabaseName, Error, Permit, Result, TenantContext, WritePermission};

use crate::{Databases, ReadConnection, Transaction, pool::Pool};

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
        context.still_stands()?;
        let location = context.placement().sql.get(&self.name);
        let location = location.ok_or_else(|| Error::not_entitled(self.name.as_str(), None))?;
        self.databases.pool(location)
    }
}

impl fmt::Debug for SqlHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlHandle")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
