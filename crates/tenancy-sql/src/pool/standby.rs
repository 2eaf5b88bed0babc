//! Reading from a replica, and asking a primary where it is.

use tenancy_core::{Error, Result, TenantContext, fair::Share};
use tokio::time::{Instant, timeout_at};

use super::{Lease, Pool, bounds::Scope, idle::Need, nobody, within};
use crate::{
    PoolMode,
    replica::{Point, Refusal, Standby, Want},
};

/// Why a replica is not read from.
pub(crate) enum Missed {
    /// No connection came free in time.
    Busy,
    /// It has not what is wanted: what it said.
    Refused(Refusal, Option<Standby>),
    /// It can't be reached.
    Broken(Error),
}

impl Pool {
    /// A connection that reads for the context's tenant what is wanted, when this is a pool of a replica that has it, and what
    /// it said. Within `until`, which is sooner than the caller would wait.
    pub(crate) async fn read_standby(
        &self,
        context: &TenantContext,
        want: &Want,
        until: Instant,
    ) -> Result<(Lease, Option<Standby>), Missed> {
        let asked = Instant::now();
        let until = until.min(asked + self.patience(context));
        let lease = timeout_at(until, self.lease(context, Need::Read)).await;
        let Ok(Ok(mut lease)) = lease else {
            return Err(Missed::Busy);
        };
        let entering = self.enter_standby(&mut lease, context, want, until);
        let entered = timeout_at(until, entering).await;
        let silent = || Error::unavailable("it does not answer in time");
        match entered.unwrap_or_else(|_| Err(Missed::Broken(silent()))) {
            Ok((got, said)) => {
                lease.got_after(got.duration_since(asked));
                Ok((lease, said))
            }
            // who waited for the budget has not met the replica
            Err(Missed::Broken(_)) if !lease.dials() => Err(Missed::Busy),
            Err(missed) => Err(missed),
        }
    }

    async fn enter_standby(
        &self,
        lease: &mut Lease,
        context: &TenantContext,
        want: &Want,
        until: Instant,
    ) -> Result<(Instant, Option<Standby>), Missed> {
        let options = &self.inner.options;
        let scope = Scope::of(context, options);
        for _ in 0..2 {
            lease.enter(scope.times.statement(), options.mode == PoolMode::Transaction);
            let slot = lease.slot_or_open(Need::Read, until);
            let slot = slot.await.map_err(Missed::Broken)?;
            let got = Instant::now();
            match slot.enter_standby(scope, want).await {
                Ok((said, Ok(()))) => return Ok((got, said)),
                Ok((said, Err(refusal))) => {
                    if refusal == Refusal::NoReplica {
                        lease.close_all();
                    }
                    return Err(Missed::Refused(refusal, said));
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
