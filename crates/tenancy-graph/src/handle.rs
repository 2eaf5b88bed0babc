//! A handle to a logical graph.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tenancy_core::{Permit, Result, StoreName, TenantContext, WritePermission};
use tokio::time::{Instant, sleep};

use crate::{GraphRead, GraphStores, GraphTransaction, deadline::until, failure, place::place};

/// How often work is done at most, the first time included.
const ATTEMPTS: u32 = 5;
/// How long the first pause between two attempts is; each next one is twice as long.
const PAUSE: Duration = Duration::from_millis(20);

/// A handle to a logical graph. Cheap to clone. The tenant's placement says which instance and database it is: nothing that a
/// caller sends does.
///
/// # Errors
///
/// Of every call: `NotEntitled` when the tenant has no such graph (no Free tenant has one), `NotFound` when this deployment does
/// not know its instance, `Unavailable` with `Retry-After` when it can't be reached, or not in time.
#[derive(Clone)]
pub struct GraphHandle {
    stores: GraphStores,
    name: StoreName,
}

impl GraphHandle {
    pub(crate) fn new(stores: GraphStores, name: StoreName) -> Self {
        Self { stores, name }
    }

    /// A connection that reads for the context's tenant, one statement at a time. No round trip.
    ///
    /// # Errors
    ///
    /// As of every call.
    ///
    /// A query needs a context; there is no other way to a connection:
    ///
    /// ```compile_fail,E0061
    /// async fn unscoped(places: tenancy_graph::GraphHandle) {
    ///     places.read().await;
    /// }
    /// ```
    pub async fn read(&self, context: &TenantContext) -> Result<GraphRead> {
        let place = place(context, &self.name)?;
        let deadline = until(context, self.stores.options().acquire_timeout);
        let lease = self.stores.lease(place, deadline).await?;
        Ok(GraphRead::new(lease, context.clone()))
    }

    /// A transaction that writes for the permit's tenant. Two round trips on an idle connection: the driver resets it first.
    ///
    /// # Errors
    ///
    /// As of every call.
    ///
    /// Writing takes a permit, not a context:
    ///
    /// ```compile_fail,E0308
    /// async fn unchecked(places: tenancy_graph::GraphHandle, context: &tenancy_core::TenantContext) {
    ///     places.begin::<tenancy_core::DataWrite>(context).await;
    /// }
    /// ```
    pub async fn begin<P: WritePermission>(&self, permit: &Permit<P>) -> Result<GraphTransaction> {
        let context = permit.context();
        let place = place(context, &self.name)?;
        let options = self.stores.options();
        let end = until(context, options.transaction_timeout);
        let deadline = until(context, options.acquire_timeout);
        let lease = self.stores.lease(place, deadline).await?;
        GraphTransaction::begin(lease, end).await
    }

    /// Does work in a transaction, which the work commits. When the server ended it for a reason that passes (a deadlock, a lock
    /// that was not to be had, a connection that broke before the commit) the work is done again from its start: five times at
    /// most, within the context's deadline and a transaction's time. So it must have no effect beside the transaction.
    ///
    /// ```
    /// # use tenancy_core::{DataWrite, Permit, Result};
    /// # use tenancy_graph::{Cypher, GraphHandle};
    /// async fn visit(places: &GraphHandle, permit: &Permit<DataWrite>, id: i64) -> Result<()> {
    ///     let raise = Cypher::new("MATCH (p:Place {id: $id}) SET p.visits = p.visits + 1").param("id", id);
    ///     let raise = &raise;
    ///     places
    ///         .transact(permit, |mut tx| async move {
    ///             tx.run(raise).await?;
    ///             tx.commit().await
    ///         })
    ///         .await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The work's own, and those of [`GraphTransaction::commit`]. When it is not known whether the commit took place
    /// ([`OutcomeUnknown`](crate::OutcomeUnknown)) the work is not done again.
    pub async fn transact<P, T, F>(
        &self,
        permit: &Permit<P>,
        work: impl Fn(GraphTransaction) -> F,
    ) -> Result<T>
    where
        P: WritePermission,
        F: Future<Output = Result<T>>,
    {
        let end = until(permit.context(), self.stores.options().transaction_timeout);
        let mut attempt = 1;
        loop {
            let transaction = self.begin(permit).await?;
            let error = match work(transaction).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let pause = pause(attempt);
            if !failure::may_pass(&error) || attempt >= ATTEMPTS || Instant::now() + pause >= end {
                return Err(error);
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// Whether the context's tenant has this graph, and this deployment knows where it is. No I/O.
    ///
    /// # Errors
    ///
    /// `NotEntitled` and `NotFound`, as of every call.
    pub fn resolve(&self, context: &TenantContext) -> Result<()> {
        self.stores.knows(place(context, &self.name)?)
    }
}

/// Longer each time, and by chance between a half and the whole of it: who met once should not meet again.
fn pause(attempt: u32) -> Duration {
    let whole = PAUSE * 2_u32.saturating_pow(attempt.saturating_sub(1)).min(64);
    let chance = u32::try_from(RandomState::new().hash_one(attempt) % 1000).unwrap_or(0);
    whole / 2 + whole / 2 * chance / 1000
}

impl fmt::Debug for GraphHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphHandle")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
