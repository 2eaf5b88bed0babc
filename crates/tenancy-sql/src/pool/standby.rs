//! Reading from a replica, and asking a primary where it is.

use tenancy_core::{Error, Result, TenantContext, fair::Share};
use tokio::time::{Instant, timeout_at};

use super::{Lease, Pool, bounds::Scope, idle::Need, nobody, within};
use crate::{
    BudgetExhausted, PoolMode,
    replica::{Point, Refusal, Want},
};

/// Why a replica is not read from.
pub(crate) enum Missed {
    /// No connection came free in time.
    Busy,
    /// It has not what is wanted.
    Refused(Refusal),
    /// It can't be reached.
    Broken(Error),
}

impl Pool {
    /// A connection that reads for the context's tenant what is wanted, when this is a pool of a replica that has it. Within
    /// `until`, which is sooner than the caller would wait.
    pub(crate) async fn read_standby(
        &self,
        context: &TenantContext,
        want: &Want,
        until: Instant,
    ) -> Result<Lease, Missed> {
        let until = until.min(Instant::now() + self.patience(context));
        let lease = timeout_at(until, self.lease(context, Need::Read)).await;
        let Ok(Ok(lease)) = lease else {
            return Err(Missed::Busy);
        };
        let entered = timeout_at(until, self.enter_standby(lease, context, want, until));
        let silent = |_| Err(Missed::Broken(Error::unavailable("it does not answer in time")));
        entered.await.unwrap_or_else(silent)
    }

    async fn enter_standby(
        &self,
        mut lease: Lease,
        context: &TenantContext,
        want: &Want,
        until: Instant,
    ) -> Result<Lease, Missed> {
        let options = &self.inner.options;
        let scope = Scope::of(context, options);
        for _ in 0..2 {
            lease.enter(scope.times.statement(), options.mode == PoolMode::Transaction);
            let slot = lease.slot_or_open(Need::Read, until).await.map_err(unopened)?;
            match slot.enter_standby(scope, want).await {
                Ok(Ok(())) => return Ok(lease),
                Ok(Err(refusal)) => {
                    if matches!(refusal, Refusal::NoReplica) {
                        lease.close_all();
                    }
                    return Err(Missed::Refused(refusal));
                }
                // an idle connection that died is replaced, once
                Err(error) => lease.broken(error).map_err(Missed::Broken)?,
            }
        }
        Err(Missed::Broken(Error::unavailable("it closes its connections")))
    }

    /// Where a primary is in what it writes. One round trip on a connection of the pool, whoever's it is: what is asked is
    /// nobody's, and leaves nothing.
    pub(crate) async fn position(&self) -> Result<Point> {
        let until = Instant::now() + self.inner.options.acquire_timeout;
        within(until, async {
            let one = Share { cap: 1, weight: 1 };
            // as a transaction, it takes what idles before it opens another
            let mut lease = self.lease_of(nobody(), one, Need::Transaction).await?;
            for _ in 0..2 {
                let slot = lease.slot_or_open(Need::Transaction, until).await?;
                match slot.ask_position().await {
                    Ok(point) => return Ok(point),
                    // an idle connection that died is replaced, once
                    Err(error) => lease.broken(error)?,
                }
            }
            Err(Error::unavailable("the database closes its connections"))
        })
        .await
    }
}

/// One that waited for the budget has not met the replica.
fn unopened(error: Error) -> Missed {
    let source = std::error::Error::source(&error);
    match source.is_some_and(|source| source.is::<BudgetExhausted>()) {
        true => Missed::Busy,
        false => Missed::Broken(error),
    }
}
