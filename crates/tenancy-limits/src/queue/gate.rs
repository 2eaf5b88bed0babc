//! The queue that requests see.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tenancy_core::{
    Allowance, Entry, Error, Place, TenantContext, TenantId,
    fair::{Asked, Bounds, Fair, Share},
};
use tokio::{sync::oneshot, time::Instant};

use super::wait::{Ticket, wait};
use crate::{QueueConfig, meters::Meters};

/// When to come again for who finds the queue full.
const RETRY: Duration = Duration::from_secs(1);

/// The queue of one process.
pub(crate) struct Queue {
    gate: Arc<Gate>,
    config: QueueConfig,
}

/// What places and those that wait for them share.
pub(crate) struct Gate {
    fair: Mutex<Fair<TenantId, oneshot::Sender<Held>>>,
    pub(super) meters: Arc<Meters>,
}

/// A place. The next one gets it when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    gate: Arc<Gate>,
    tenant: TenantId,
}

impl Queue {
    pub(crate) fn new(config: QueueConfig, meters: Arc<Meters>) -> Self {
        let gate = Gate {
            fair: Mutex::new(Fair::new(config.places.get())),
            meters,
        };
        Self {
            gate: Arc::new(gate),
            config,
        }
    }

    /// Asks for a place. O(1).
    pub(crate) fn enter(&self, ctx: &TenantContext) -> Entry {
        let sold = match ctx.plan().concurrent_requests {
            Allowance::Unlimited => usize::MAX,
            Allowance::Limited(cap) => usize::try_from(cap).unwrap_or(usize::MAX),
        };
        let most = self.config.tenant_places.map_or(usize::MAX, NonZeroUsize::get);
        let share = Share {
            cap: sold.min(most),
            weight: self.config.weights.of(ctx.tier()),
        };
        let bounds = Bounds {
            tenant: self.config.tenant_waits,
            all: self.config.waits,
        };
        let tenant = ctx.tenant_id();
        let (asked, answer) = self.gate.ask(tenant, share, bounds);
        let meters = &self.gate.meters;
        match (asked, answer) {
            (Asked::Runs, _) => Entry::Now(Place::holding(self.gate.held(tenant))),
            (Asked::Waits(number), Some(answer)) => {
                let ticket = Ticket::new(Arc::clone(&self.gate), number, answer);
                Entry::Later(Box::pin(wait(ticket, self.deadline(ctx))))
            }
            (Asked::TenantFull, _) => {
                meters.full_tenant.increment(1);
                let error = Error::rate_limited(RETRY);
                Entry::Refused(error.with_log("the tenant's queue for places is full"))
            }
            (Asked::Full | Asked::Waits(_), _) => {
                meters.full_process.increment(1);
                let error = Error::unavailable("the queue for places is full");
                Entry::Refused(error.with_retry_after(RETRY))
            }
        }
    }

    /// Until when a request waits: as long as is configured, and no longer than its caller does.
    fn deadline(&self, ctx: &TenantContext) -> Instant {
        let patience = Instant::now() + self.config.patience;
        ctx.deadline()
            .map_or(patience, |deadline| patience.min(deadline.into()))
    }
}

impl Gate {
    fn ask(
        self: &Arc<Self>,
        tenant: TenantId,
        share: Share,
        bounds: Bounds,
    ) -> (Asked, Option<oneshot::Receiver<Held>>) {
        let mut answer = None;
        let asked = self.fair.lock().ask(tenant, share, bounds, || {
            let (sender, receiver) = oneshot::channel();
            answer = Some(receiver);
            sender
        });
        if matches!(asked, Asked::Waits(_)) {
            self.give();
        }
        (asked, answer)
    }

    /// Gives places for as long as there are both. Nobody is woken under the lock.
    fn give(self: &Arc<Self>) {
        loop {
            let next = {
                let mut fair = self.fair.lock();
                let next = fair.give_next();
                self.tell(&fair);
                next
            };
            let Some((tenant, waiter)) = next else { return };
            // who has gone meanwhile drops the place, which gives it to the next
            drop(waiter.send(self.held(tenant)));
        }
    }

    fn held(self: &Arc<Self>, tenant: TenantId) -> Held {
        Held {
            gate: Arc::clone(self),
            tenant,
        }
    }

    /// One waits no longer.
    pub(super) fn cancel(&self, number: u64) {
        let mut fair = self.fair.lock();
        if fair.cancel(number) {
            self.tell(&fair);
        }
    }

    /// How many wait, to the gauge: whenever that changes, under the lock, so that the last word is the true one.
    fn tell(&self, fair: &Fair<TenantId, oneshot::Sender<Held>>) {
        #[expect(clippy::cast_precision_loss, reason = "a bounded number of requests")]
        self.meters.waiting.set(fair.waiting() as f64);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let turns = {
            let mut fair = self.gate.fair.lock();
            fair.leave(self.tenant);
            fair.turns()
        };
        // also when nobody waits any more: whose turn was to come is forgotten by that
        if turns > 0 {
            self.gate.give();
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_that_wait_no_longer_are_forgotten_with_the_next_place() {
        let gate = Arc::new(Gate {
            fair: Mutex::new(Fair::new(1)),
            meters: Meters::new(),
        });
        let share = Share { cap: 1, weight: 1 };
        let bounds = Bounds { tenant: 8, all: 8 };
        let busy = TenantId::new();
        assert_eq!(gate.ask(busy, share, bounds).0, Asked::Runs);
        let place = gate.held(busy);
        for _ in 0..1_000 {
            let (Asked::Waits(number), _answer) = gate.ask(TenantId::new(), share, bounds) else {
                panic!("it waits");
            };
            gate.cancel(number);
        }
        drop(place);
        assert_eq!(gate.fair.lock().turns(), 0);
    }
}
