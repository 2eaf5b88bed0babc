//! What differs from a plan.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::{Allowance, DataExport, FeatureSet, Plan, PlanBook, Support, UptimeSla};
use crate::Tier;

/// What differs from a plan: a platform's tiers from the defaults, or one tenant from its tier. What is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlanChanges {
    /// Features beside the plan's.
    #[serde(skip_serializing_if = "FeatureSet::is_empty")]
    pub add_features: FeatureSet,
    /// Features that the plan has and this does not; wins over `add_features`.
    #[serde(skip_serializing_if = "FeatureSet::is_empty")]
    pub remove_features: FeatureSet,
    /// See [`Plan::requests_per_minute`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<Allowance>,
    /// See [`Plan::user_requests_per_minute`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_requests_per_minute: Option<Allowance>,
    /// See [`Plan::concurrent_requests`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_requests: Option<Allowance>,
    /// See [`Plan::database_connections`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_connections: Option<Allowance>,
    /// See [`Plan::statement_seconds`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement_seconds: Option<Allowance>,
    /// See [`Plan::idle_transaction_seconds`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_transaction_seconds: Option<Allowance>,
    /// See [`Plan::storage_bytes`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_bytes: Option<Allowance>,
    /// See [`Plan::seats`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<Allowance>,
    /// See [`Plan::backup_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_days: Option<u16>,
    /// See [`Plan::uptime`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime: Option<UptimeSla>,
    /// See [`Plan::support`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<Support>,
    /// See [`Plan::export`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<DataExport>,
}

impl PlanChanges {
    /// The plan with the changes made.
    #[must_use]
    pub fn apply(&self, plan: &Plan) -> Plan {
        Plan {
            features: plan.features.and(self.add_features).without(self.remove_features),
            requests_per_minute: self.requests_per_minute.unwrap_or(plan.requests_per_minute),
            user_requests_per_minute: self
                .user_requests_per_minute
                .unwrap_or(plan.user_requests_per_minute),
            concurrent_requests: self.concurrent_requests.unwrap_or(plan.concurrent_requests),
            database_connections: self.database_connections.unwrap_or(plan.database_connections),
            statement_seconds: self.statement_seconds.unwrap_or(plan.statement_seconds),
            idle_transaction_seconds: self
                .idle_transaction_seconds
                .unwrap_or(plan.idle_transaction_seconds),
            storage_bytes: self.storage_bytes.unwrap_or(plan.storage_bytes),
            seats: self.seats.unwrap_or(plan.seats),
            backup_days: self.backup_days.unwrap_or(plan.backup_days),
            uptime: self.uptime.unwrap_or(plan.uptime),
            support: self.support.unwrap_or(plan.support),
            export: self.export.unwrap_or(plan.export),
        }
    }
}

/// One tenant's own changes, as its record holds them. The plan that comes of them is computed once a record, not once a
/// request.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(from = "PlanChanges", into = "PlanChanges")]
pub struct CustomPlan {
    changes: PlanChanges,
    effective: OnceLock<Computed>,
}

/// The plan, and of which book and tier it was computed.
#[derive(Debug)]
struct Computed {
    book: u64,
    tier: Tier,
    plan: Arc<Plan>,
}

impl CustomPlan {
    /// What differs from the tier's plan.
    #[must_use]
    pub fn changes(&self) -> &PlanChanges {
        &self.changes
    }

    /// The plan that comes of `book` and the changes: computed when it is first asked for.
    pub(super) fn effective(&self, book: &PlanBook, tier: Tier) -> Arc<Plan> {
        let compute = || Computed {
            book: book.id(),
            tier,
            plan: Arc::new(self.changes.apply(book.plan(tier))),
        };
        let known = self.effective.get_or_init(compute);
        if (known.book, known.tier) == (book.id(), tier) {
            Arc::clone(&known.plan)
        } else {
            compute().plan
        }
    }
}

impl From<PlanChanges> for CustomPlan {
    fn from(changes: PlanChanges) -> Self {
        Self {
            changes,
            effective: OnceLock::new(),
        }
    }
}

impl From<CustomPlan> for PlanChanges {
    fn from(custom: CustomPlan) -> Self {
        custom.changes
    }
}

/// What was computed is left behind: the copy may get another tier.
impl Clone for CustomPlan {
    fn clone(&self) -> Self {
        self.changes.clone().into()
    }
}

impl PartialEq for CustomPlan {
    fn eq(&self, other: &Self) -> bool {
        self.changes == other.changes
    }
}

impl Eq for CustomPlan {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Feature;

    #[test]
    fn what_is_not_named_stays() {
        for tier in Tier::ALL {
            assert_eq!(PlanChanges::default().apply(&Plan::of(tier)), Plan::of(tier));
        }
        let text = r#"{"add_features":["audit_log"],"remove_features":["social"],"seats":50}"#;
        let changes: PlanChanges = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&changes).unwrap(), text);
        let (before, after) = (Plan::of(Tier::Standard), changes.apply(&Plan::of(Tier::Standard)));
        assert!(after.has(Feature::AuditLog) && !after.has(Feature::Social) && after.has(Feature::Members));
        assert_eq!(after.seats, Allowance::Limited(50));
        assert_eq!(after.storage_bytes, before.storage_bytes);
        assert!(serde_json::from_str::<PlanChanges>(r#"{"seat":50}"#).is_err());
    }

    #[test]
    fn a_plan_is_computed_once_and_never_anothers() {
        let custom = CustomPlan::from(PlanChanges {
            seats: Some(Allowance::Limited(7)),
            ..PlanChanges::default()
        });
        let (book, other) = (PlanBook::default(), PlanBook::new(Plan::of));
        let plan = custom.effective(&book, Tier::Standard);
        assert!(Arc::ptr_eq(&plan, &custom.effective(&book, Tier::Standard)));
        assert!(!Arc::ptr_eq(&plan, &custom.effective(&other, Tier::Standard)));
        assert_eq!(custom.effective(&book, Tier::Free).backup_days, 7);
        assert_eq!(custom.clone().effective(&book, Tier::Free).backup_days, 7);
    }
}
