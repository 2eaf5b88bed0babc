//! What is counted of the limits themselves. No label names a tenant.

use std::sync::Arc;

use metrics::{Counter, Gauge, counter, gauge, histogram};
use tenancy_core::telemetry::{Published, at_publish};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    Address,
    Tenant,
    User,
}

impl Policy {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Tenant => "tenant",
            Self::User => "user",
        }
    }
}

/// What came of a request at one policy.
struct Outcomes {
    allowed: Counter,
    limited: Counter,
    shadowed: Counter,
    near: Counter,
}

impl Outcomes {
    fn of(policy: Policy) -> Self {
        let decisions = |outcome: &'static str| counter!("tenancy_limits_decisions_total", "policy" => policy.as_str(), "outcome" => outcome);
        Self {
            allowed: decisions("allowed"),
            limited: decisions("limited"),
            shadowed: decisions("shadowed"),
            near: counter!("tenancy_limits_near_total", "policy" => policy.as_str()),
        }
    }
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It went on.
    Allowed,
    /// It was refused.
    Limited,
    /// It went on because the policy only watches.
    Shadowed,
}

/// The meters, taken from the recorder that is installed when the limits are made.
///
/// An exporter may forget a series that nobody touched for some minutes, and what is counted under it later would count for
/// nobody: they are touched before each export.
pub(crate) struct Meters {
    address: Outcomes,
    tenant: Outcomes,
    user: Outcomes,
    /// 1 while the shared store is away.
    pub(crate) degraded: Gauge,
    answered: Counter,
    failed: Counter,
    /// How many requests wait for a place.
    pub(crate) waiting: Gauge,
    pub(crate) full_tenant: Counter,
    pub(crate) full_process: Counter,
    pub(crate) too_late: Counter,
}

impl Meters {
    pub(crate) fn new() -> Arc<Self> {
        let meters = Arc::new(Self::taken());
        at_publish(&meters);
        meters
    }

    fn taken() -> Self {
        let calls =
            |outcome: &'static str| counter!("tenancy_limits_store_calls_total", "outcome" => outcome);
        let refused = |why: &'static str| counter!("tenancy_limits_queue_refused_total", "reason" => why);
        Self {
            address: Outcomes::of(Policy::Address),
            tenant: Outcomes::of(Policy::Tenant),
            user: Outcomes::of(Policy::User),
            degraded: gauge!("tenancy_limits_degraded"),
            answered: calls("answered"),
            failed: calls("failed"),
            waiting: gauge!("tenancy_limits_queue_waiting"),
            full_tenant: refused("tenant_queue_full"),
            full_process: refused("process_queue_full"),
            too_late: refused("deadline"),
        }
    }

    /// How long one that got a place waited. Looked up each time: nothing touches a histogram but a measurement.
    pub(crate) fn waited(&self, seconds: f64) {
        histogram!("tenancy_limits_queue_wait_seconds").record(seconds);
    }

    pub(crate) fn decided(&self, policy: Policy, outcome: Outcome) {
        let outcomes = self.of(policy);
        match outcome {
            Outcome::Allowed => &outcomes.allowed,
            Outcome::Limited => &outcomes.limited,
            Outcome::Shadowed => &outcomes.shadowed,
        }
        .increment(1);
    }

    /// Says that a key is near its limit. The request's span says whose.
    pub(crate) fn near(&self, policy: Policy) {
        self.of(policy).near.increment(1);
        tracing::info!(policy = policy.as_str(), "four fifths of a rate are used");
    }

    pub(crate) fn calls(&self, answered: bool) {
        if answered { &self.answered } else { &self.failed }.increment(1);
    }

    fn of(&self, policy: Policy) -> &Outcomes {
        match policy {
            Policy::Address => &self.address,
            Policy::Tenant => &self.tenant,
            Policy::User => &self.user,
        }
    }
}

impl Published for Meters {
    fn publish(&self) {
        let outcomes = [&self.address, &self.tenant, &self.user].into_iter();
        let outcomes = outcomes.flat_map(|of| [&of.allowed, &of.limited, &of.shadowed, &of.near]);
        let others = [
            &self.answered,
            &self.failed,
            &self.full_tenant,
            &self.full_process,
            &self.too_late,
        ];
        outcomes.chain(others).for_each(|counter| counter.increment(0));
        self.degraded.increment(0.0);
        self.waiting.increment(0.0);
    }
}
