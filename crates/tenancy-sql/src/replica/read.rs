//! Reads from a replica, or says why the primary is to be read.

use std::{sync::Arc, time::Duration};

use tenancy_core::{Location, TenantContext};
use tokio::time::{Instant, timeout};

use super::{
    Refusal, Replica, Replicas, Staleness, Want,
    metric::{self, Primary},
    position::Point,
    samples::{Known, Sample},
    state::Turn,
};
use crate::{
    Databases,
    databases::Place,
    pool::{Lease, Missed},
};

/// How long a reader waits for the primary's position.
const SAMPLING: Duration = Duration::from_millis(250);
/// How long the replicas together may take, before the primary is read.
const PATIENCE: Duration = Duration::from_millis(500);

impl Databases {
    /// A connection to a replica that is proven to be fresh enough. None: the primary is to be read.
    pub(crate) async fn read_replica(
        &self,
        location: &Location,
        context: &TenantContext,
        staleness: Staleness,
    ) -> Option<Lease> {
        let place = self.place(location)?;
        if place.replicas.all.is_empty() {
            return None;
        }
        let answer = self.try_replicas(place, location, context, staleness).await;
        metric::record(answer.as_ref().map(drop).map_err(|why| *why));
        answer.ok()
    }

    async fn try_replicas(
        &self,
        place: &Arc<Place>,
        location: &Location,
        context: &TenantContext,
        staleness: Staleness,
    ) -> Result<Lease, Primary> {
        let want = self.want(place, context, staleness).await?;
        let until = Instant::now() + PATIENCE;
        let mut outcome = Primary::Away;
        for replica in place.replicas.order(context) {
            let turn = replica.state.lock().turn(&want);
            outcome = match turn {
                Turn::Refused(refusal) => refusal.into(),
                Turn::Away => Primary::Away,
                Turn::Prove => {
                    self.prove_beside(place, location, replica.server.number);
                    Primary::Away
                }
                Turn::Read => {
                    let Ok(pool) = self.pool_of(&replica.server) else {
                        outcome = Primary::Away;
                        continue;
                    };
                    match pool.read_standby(context, &want, until).await {
                        Ok((lease, said)) => {
                            replica.state.lock().heard(said);
                            return Ok(lease);
                        }
                        Err(missed) => replica.missed(missed, staleness),
                    }
                }
            };
        }
        Err(outcome)
    }

    /// What a replica must have replayed.
    async fn want(
        &self,
        place: &Arc<Place>,
        context: &TenantContext,
        staleness: Staleness,
    ) -> Result<Want, Primary> {
        let own = match staleness.after.map(|position| position.point()) {
            None => None,
            Some(Some(point)) => Some(point),
            Some(None) => return Err(Primary::OtherHistory),
        };
        let Some(bound) = staleness.at_most else {
            let point = own.ok_or(Primary::OtherHistory)?;
            return Ok(Want { point, until: None });
        };
        let left = context
            .deadline()
            .map(|at| at.saturating_duration_since(std::time::Instant::now()));
        let patience = left.map_or(SAMPLING, |left| left.min(SAMPLING));
        let sample = self.sampled(place, bound, patience).await;
        let sample = sample.ok_or(Primary::Unsampled)?;
        let lsn = match own {
            Some(own) if own.history != sample.point.history => return Err(Primary::OtherHistory),
            own => own.map_or(sample.point.lsn, |own| own.lsn.max(sample.point.lsn)),
        };
        let point = Point { lsn, ..sample.point };
        // a bound that is beyond the clock's end is none
        Ok(Want {
            point,
            until: sample.at.checked_add(bound),
        })
    }

    /// Where the primary was, no longer ago than the bound.
    async fn sampled(&self, place: &Arc<Place>, bound: Duration, patience: Duration) -> Option<Sample> {
        match place.replicas.samples.within(bound) {
            Known::Nothing if bound.is_zero() => None,
            Known::Nothing => timeout(patience, self.sample(place, bound / 2)).await.ok()?,
            Known::Enough { sample, ask_again } => {
                if ask_again {
                    self.sample_beside(place);
                }
                Some(sample)
            }
        }
    }

    /// Asks the primary where it is, unless somebody just did. One round trip, on one of its connections.
    pub(super) async fn sample(&self, place: &Place, young: Duration) -> Option<Sample> {
        let samples = &place.replicas.samples;
        let _asking = samples.asking.lock().await;
        match samples.newest(young) {
            Some(newest) => Some(newest),
            None => self.ask_primary(place).await,
        }
    }

    /// By who holds the right to ask.
    async fn ask_primary(&self, place: &Place) -> Option<Sample> {
        let at = Instant::now();
        let point = self.pool_of(&place.server).ok()?.position().await.ok()?;
        let sample = Sample { at, point };
        place.replicas.samples.add(sample);
        Some(sample)
    }

    /// The same, for who comes later. One at a time: the right to ask is had before the task is there.
    fn sample_beside(&self, place: &Arc<Place>) {
        let Ok(asking) = Arc::clone(&place.replicas.samples.asking).try_lock_owned() else {
            return;
        };
        let (databases, place) = (self.clone(), Arc::clone(place));
        tokio::spawn(async move {
            let asked = timeout(PATIENCE, databases.ask_primary(&place)).await;
            drop(asking);
            asked
        });
    }
}

impl Replicas {
    /// Each tenant's own first, so that it meets the connections that are scoped to it.
    fn order(&self, context: &TenantContext) -> impl Iterator<Item = &Replica> {
        let tenant = context.tenant_id().as_uuid().as_u128();
        let count = self.all.len();
        let first = usize::try_from(tenant % (count as u128).max(1)).unwrap_or_default();
        self.all.iter().cycle().skip(first).take(count)
    }
}

impl Replica {
    /// Why the next one is tried, and what that says of this one. That it has not what only a caller's own position asks for says
    /// nothing.
    fn missed(&self, missed: Missed, staleness: Staleness) -> Primary {
        let (mut state, url) = (self.state.lock(), &self.server.target);
        match missed {
            Missed::Busy => Primary::Busy,
            Missed::Broken(error) => {
                let why = error.log().unwrap_or_default();
                tracing::warn!(replica = %url, "a replica can't be read from: {why}");
                state.away();
                Primary::Away
            }
            Missed::Refused(refusal, said) => {
                state.heard(said);
                let not_it = match refusal {
                    Refusal::NoReplica => true,
                    Refusal::OtherCluster | Refusal::OtherDatabase => staleness.after.is_none(),
                    Refusal::OtherHistory | Refusal::Behind => false,
                };
                if not_it {
                    tracing::error!(replica = %url, "a replica is none of its primary's any more");
                    state.not_it();
                }
                refusal.into()
            }
        }
    }
}
