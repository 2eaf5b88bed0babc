//! What a tenant may take of a database: the deployment's bounds, and its plan's.

use std::time::Duration;

use tenancy_core::{Allowance, Error, Limit, Plan, Result, TenantContext, TenantId, fair::Share};

use crate::PoolOptions;

/// For whom a session is, and how long its statements may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) tenant: TenantId,
    pub(super) times: Times,
}

/// The time-outs of the server, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// `statement_timeout`; 0 is none.
    pub(super) statement: u32,
    /// `idle_in_transaction_session_timeout`; 0 is none.
    pub(super) idle: u32,
}

impl Times {
    /// The deployment's, without a plan.
    pub(super) fn of(options: &PoolOptions) -> Self {
        Self {
            statement: millis(options.statement_timeout),
            idle: millis(options.idle_in_transaction_timeout),
        }
    }

    fn within(self, plan: &Plan) -> Self {
        Self {
            statement: least(self.statement, plan.statement_seconds),
            idle: least(self.idle, plan.idle_transaction_seconds),
        }
    }

    /// How long the server lets a statement run, if not for ever.
    pub(super) fn statement(self) -> Option<Duration> {
        (self.statement > 0).then(|| Duration::from_millis(self.statement.into()))
    }
}

impl Scope {
    pub(super) fn of(context: &TenantContext, options: &PoolOptions) -> Self {
        Self {
            tenant: context.tenant_id(),
            times: Times::of(options).within(context.plan()),
        }
    }
}

/// How many connections a tenant may have at a time. Who may have more gets them in larger portions, too.
///
/// # Errors
///
/// `NotEntitled` when the plan sells none: to wait for one would be in vain.
pub(super) fn share(plan: &Plan, options: &PoolOptions) -> Result<Share> {
    let most = options.tenant_connections.min(options.max_connections);
    let cap = match plan.database_connections {
        Allowance::Unlimited => most,
        Allowance::Limited(0) => {
            return Err(Error::not_entitled(Limit::DatabaseConnections.as_str(), None));
        }
        Allowance::Limited(sold) => u32::try_from(sold).map_or(most, |sold| sold.min(most)),
    };
    Ok(Share {
        cap: cap as usize,
        weight: cap,
    })
}

/// The server reads them as a signed number, and a part of a millisecond as none.
fn millis(bound: Duration) -> u32 {
    match bound.is_zero() {
        true => 0,
        false => u32::try_from(bound.as_millis()).map_or(MOST, |millis| millis.clamp(1, MOST)),
    }
}

const MOST: u32 = i32::MAX as u32;

/// A plan that sells no time sells the least there is: 0 would be none of a bound.
fn least(own: u32, plan: Allowance) -> u32 {
    match plan {
        Allowance::Unlimited => own,
        Allowance::Limited(seconds) => {
            let sold =
                u32::try_from(seconds.saturating_mul(1000)).map_or(MOST, |millis| millis.clamp(1, MOST));
            if own == 0 { sold } else { own.min(sold) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenancy_core::{Kind, Tier};

    #[test]
    fn the_lesser_of_the_deployments_and_the_plans_bound_counts() {
        let rows = [
            (0, Allowance::Unlimited, 0),
            (10_000, Allowance::Unlimited, 10_000),
            (10_000, Allowance::Limited(5), 5_000),
            (10_000, Allowance::Limited(50), 10_000),
            (0, Allowance::Limited(5), 5_000),
            (10_000, Allowance::Limited(0), 1),
            (0, Allowance::Limited(u64::MAX), MOST),
        ];
        for (own, plan, expect) in rows {
            assert_eq!(least(own, plan), expect, "{own} {plan}");
        }
        assert_eq!(
            [Duration::ZERO, Duration::from_nanos(1), Duration::MAX].map(millis),
            [0, 1, MOST]
        );
    }

    #[test]
    fn a_plan_without_connections_has_none() {
        let mut plan = Plan::of(Tier::Free);
        let options = PoolOptions::default();
        assert_eq!(share(&plan, &options).unwrap().cap, 2);
        plan.database_connections = Allowance::Unlimited;
        assert_eq!(share(&plan, &options).unwrap().cap, 8);
        plan.database_connections = Allowance::Limited(0);
        assert_eq!(share(&plan, &options).unwrap_err().kind(), Kind::NotEntitled);
    }
}
