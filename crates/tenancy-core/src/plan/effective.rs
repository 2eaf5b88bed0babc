//! What a tenant bought: features, limits and quotas, defaulted from its tier.

use serde::{Deserialize, Serialize};

use super::{Allowance, Feature, FeatureSet, Limit};
use crate::{Error, Result, Tier};

const GIB: u64 = 1 << 30;

/// The uptime that is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UptimeSla {
    /// None.
    BestEffort,
    /// Hundredths of a percent: 9990 is 99.9 %.
    BasisPoints(u16),
}

/// How a tenant gets help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// Community and e-mail.
    Community,
    /// E-mail and tickets.
    Ticket,
    /// An account manager.
    Dedicated,
}

/// How a tenant gets its data out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataExport {
    /// By hand, through the console.
    Manual,
    /// By API and by schedule.
    Scheduled,
    /// Direct access to its databases.
    Direct,
}

/// What a tenant bought. Data, not code: [`Plan::of`] gives a tier's defaults, a [`PlanBook`](crate::PlanBook) what a platform
/// makes of them, and a tenant's own [`PlanChanges`](crate::PlanChanges) what it agreed beside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The features it has.
    pub features: FeatureSet,
    /// Requests a minute, of the whole tenant.
    pub requests_per_minute: Allowance,
    /// Requests a minute, of one user within the tenant.
    pub user_requests_per_minute: Allowance,
    /// Requests of the tenant that are worked on at a time, in one process; others wait in its queue.
    pub concurrent_requests: Allowance,
    /// Connections of the tenant's to one database at a time, in one process; other statements wait in its queue. It is the
    /// tenant's weight in that queue, too.
    pub database_connections: Allowance,
    /// How long the database lets a statement run, in seconds.
    pub statement_seconds: Allowance,
    /// How long the database lets a transaction sit idle, in seconds.
    pub idle_transaction_seconds: Allowance,
    /// Stored objects, in bytes.
    pub storage_bytes: Allowance,
    /// Members, the owner included.
    pub seats: Allowance,
    /// How many days a backup is kept.
    pub backup_days: u16,
    /// The uptime that is promised.
    pub uptime: UptimeSla,
    /// How the tenant gets help.
    pub support: Support,
    /// How the tenant gets its data out.
    pub export: DataExport,
}

impl Plan {
    /// The defaults of a tier: the spec's feature table.
    #[must_use]
    pub fn of(tier: Tier) -> Self {
        match tier {
            Tier::Free => Self {
                features: FeatureSet::NONE,
                requests_per_minute: Allowance::Limited(100),
                user_requests_per_minute: Allowance::Limited(100),
                concurrent_requests: Allowance::Limited(8),
                database_connections: Allowance::Limited(2),
                statement_seconds: Allowance::Limited(5),
                idle_transaction_seconds: Allowance::Limited(5),
                storage_bytes: Allowance::Limited(GIB),
                seats: Allowance::Limited(1),
                backup_days: 7,
                uptime: UptimeSla::BestEffort,
                support: Support::Community,
                export: DataExport::Manual,
            },
            Tier::Standard => Self {
                features: STANDARD,
                requests_per_minute: Allowance::Limited(1000),
                user_requests_per_minute: Allowance::Limited(300),
                concurrent_requests: Allowance::Limited(32),
                database_connections: Allowance::Limited(16),
                statement_seconds: Allowance::Limited(30),
                idle_transaction_seconds: Allowance::Limited(10),
                storage_bytes: Allowance::Limited(50 * GIB),
                seats: Allowance::Limited(20),
                backup_days: 30,
                uptime: UptimeSla::BasisPoints(9950),
                support: Support::Ticket,
                export: DataExport::Scheduled,
            },
            Tier::Enterprise => Self {
                features: STANDARD.and(ENTERPRISE),
                requests_per_minute: Allowance::Unlimited,
                user_requests_per_minute: Allowance::Unlimited,
                concurrent_requests: Allowance::Unlimited,
                database_connections: Allowance::Unlimited,
                statement_seconds: Allowance::Unlimited,
                idle_transaction_seconds: Allowance::Unlimited,
                storage_bytes: Allowance::Unlimited,
                seats: Allowance::Unlimited,
                backup_days: 365,
                uptime: UptimeSla::BasisPoints(9990),
                support: Support::Dedicated,
                export: DataExport::Direct,
            },
        }
    }

    /// Whether the plan has `feature`.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.features.has(feature)
    }

    /// How much the plan allows of `limit`.
    #[must_use]
    pub fn allowance(&self, limit: Limit) -> Allowance {
        match limit {
            Limit::RequestsPerMinute => self.requests_per_minute,
            Limit::UserRequestsPerMinute => self.user_requests_per_minute,
            Limit::ConcurrentRequests => self.concurrent_requests,
            Limit::DatabaseConnections => self.database_connections,
            Limit::StatementSeconds => self.statement_seconds,
            Limit::IdleTransactionSeconds => self.idle_transaction_seconds,
            Limit::StorageBytes => self.storage_bytes,
            Limit::Seats => self.seats,
        }
    }

    /// Refuses when there is no room for `more` beside the `used`.
    ///
    /// # Errors
    ///
    /// [`Kind::QuotaExceeded`](crate::Kind::QuotaExceeded), with the limit's name and the numbers.
    pub fn room(&self, limit: Limit, used: u64, more: u64) -> Result<()> {
        match self.allowance(limit) {
            Allowance::Limited(most) if used.saturating_add(more) > most => {
                Err(Error::quota_exceeded(limit.as_str(), most, used))
            }
            _ => Ok(()),
        }
    }
}

const STANDARD: FeatureSet = FeatureSet::of(&[
    Feature::Social,
    Feature::Recommendations,
    Feature::Members,
    Feature::Subdomain,
    Feature::ScheduledExport,
]);

const ENTERPRISE: FeatureSet = FeatureSet::of(&[
    Feature::CustomDomain,
    Feature::CustomRoles,
    Feature::AuditLog,
    Feature::DirectDatabaseAccess,
    Feature::ReadReplicas,
    Feature::CustomerManagedKeys,
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_feature_table() {
        let row = |tier| {
            let plan = Plan::of(tier);
            (
                plan.requests_per_minute,
                plan.storage_bytes,
                plan.seats,
                plan.backup_days,
                plan.uptime,
            )
        };
        use Allowance::{Limited, Unlimited};
        assert_eq!(
            row(Tier::Free),
            (Limited(100), Limited(GIB), Limited(1), 7, UptimeSla::BestEffort)
        );
        assert_eq!(
            row(Tier::Standard),
            (
                Limited(1000),
                Limited(50 * GIB),
                Limited(20),
                30,
                UptimeSla::BasisPoints(9950)
            )
        );
        assert_eq!(
            row(Tier::Enterprise),
            (Unlimited, Unlimited, Unlimited, 365, UptimeSla::BasisPoints(9990))
        );
    }

    #[test]
    fn a_higher_tier_has_every_feature_of_a_lower_one() {
        for pair in Tier::ALL.windows(2) {
            assert!(Plan::of(pair[0]).features.is_subset(Plan::of(pair[1]).features));
        }
    }

    #[test]
    fn there_is_room_up_to_the_limit() {
        let plan = Plan::of(Tier::Standard);
        assert!(plan.room(Limit::Seats, 19, 1).is_ok());
        let error = plan.room(Limit::Seats, 20, 1).unwrap_err();
        let body = serde_json::to_value(error.problem()).unwrap();
        assert_eq!((&body["quota"], &body["limit"]), (&"seats".into(), &20.into()));
        assert!(plan.room(Limit::StorageBytes, u64::MAX, u64::MAX).is_err());
        assert!(Plan::of(Tier::Enterprise).room(Limit::Seats, u64::MAX, 1).is_ok());
    }
}
