//! What is counted of the limits themselves. No label names a tenant.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

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
    /// How long those that got one waited, in seconds.
    pub(crate) waited: Histogram,
    pub(crate) full_tenant: Counter,
    pub(crate) full_process: Counter,
    pub(crate) too_late: Counter,
}

impl Meters {
    pub(crate) fn new() -> Self {
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
            waited: histogram!("tenancy_limits_queue_wait_seconds"),
            full_tenant: refused("tenant_queue_full"),
            full_process: refused("process_queue_full"),
            too_late: refused("deadline"),
        }
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
