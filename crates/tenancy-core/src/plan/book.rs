//! The plans that a platform sells.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU64, Ordering},
};

use serde::Deserialize;

use super::{Feature, Plan, PlanChanges};
use crate::{Error, Result, TenantRecord, Tier};

/// The plans that a platform sells: one a tier, the spec's feature table where configuration does not say otherwise.
///
/// ```toml
/// [plans.free]
/// requests_per_minute = 200
///
/// [plans.standard]
/// add_features = ["audit_log"]
/// seats = 50
/// ```
///
/// Cheap to clone.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Tiers")]
pub struct PlanBook {
    plans: Arc<[Arc<Plan>; 3]>,
    id: u64,
}

/// What configuration says of each tier.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tiers {
    free: PlanChanges,
    standard: PlanChanges,
    enterprise: PlanChanges,
}

impl From<Tiers> for PlanBook {
    fn from(tiers: Tiers) -> Self {
        Self::new(|tier| match tier {
            Tier::Free => tiers.free.apply(&Plan::of(tier)),
            Tier::Standard => tiers.standard.apply(&Plan::of(tier)),
            Tier::Enterprise => tiers.enterprise.apply(&Plan::of(tier)),
        })
    }
}

impl PlanBook {
    /// A book of what `plan` gives each tier.
    #[must_use]
    pub fn new(plan: impl Fn(Tier) -> Plan) -> Self {
        static BOOKS: AtomicU64 = AtomicU64::new(0);
        Self {
            plans: Arc::new(Tier::ALL.map(|tier| Arc::new(plan(tier)))),
            id: BOOKS.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Tells books apart: two with the same plans are two.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// The plan of a tier.
    #[must_use]
    pub fn plan(&self, tier: Tier) -> &Arc<Plan> {
        let [free, standard, enterprise] = &*self.plans;
        match tier {
            Tier::Free => free,
            Tier::Standard => standard,
            Tier::Enterprise => enterprise,
        }
    }

    /// The plan of a tenant: its tier's, with its own changes. Computed once a record; a reference count after that.
    #[must_use]
    pub fn plan_of(&self, tenant: &TenantRecord) -> Arc<Plan> {
        match &tenant.plan {
            Some(custom) => custom.effective(self, tenant.tier),
            None => Arc::clone(self.plan(tenant.tier)),
        }
    }

    /// Refuses when `plan` lacks `feature`.
    ///
    /// # Errors
    ///
    /// [`Kind::NotEntitled`](crate::Kind::NotEntitled); the problem names the feature and the least tier whose plan has it.
    pub fn require(&self, plan: &Plan, feature: Feature) -> Result<()> {
        if plan.has(feature) {
            return Ok(());
        }
        let least = Tier::ALL.into_iter().find(|tier| self.plan(*tier).has(feature));
        Err(Error::not_entitled(feature.as_str(), least.map(Tier::as_str)))
    }

    pub(crate) fn entitlement(&self, tenant: &TenantRecord) -> Entitlement {
        Entitlement {
            plan: self.plan_of(tenant),
            book: self.clone(),
        }
    }
}

/// The spec's feature table. Every default is one and the same book.
impl Default for PlanBook {
    fn default() -> Self {
        static SPEC: LazyLock<PlanBook> = LazyLock::new(|| PlanBook::new(Plan::of));
        SPEC.clone()
    }
}

/// A tenant's plan, and the book that says which plan has what it lacks.
pub(crate) struct Entitlement {
    pub(crate) plan: Arc<Plan>,
    pub(crate) book: PlanBook,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn check(book: &str, tier: Tier, feature: Feature, from: Option<&str>) {
        let book: PlanBook = serde_json::from_str(book).unwrap();
        let error = book.require(book.plan(tier), feature).unwrap_err();
        assert_eq!(error.kind(), Kind::NotEntitled);
        let body = serde_json::to_value(error.problem()).unwrap();
        assert_eq!(body["feature"], feature.as_str());
        assert_eq!(body["available_from"].as_str(), from, "{feature}");
    }

    #[test]
    fn a_missing_feature_names_the_least_plan_that_has_it() {
        check("{}", Tier::Free, Feature::Social, Some("standard"));
        check("{}", Tier::Standard, Feature::AuditLog, Some("enterprise"));
        let book = r#"{"standard":{"add_features":["audit_log"],"remove_features":["social"]}}"#;
        check(book, Tier::Free, Feature::AuditLog, Some("standard"));
        check(book, Tier::Standard, Feature::Social, Some("enterprise"));
        let nobody = r#"{"enterprise":{"remove_features":["read_replicas"]}}"#;
        check(nobody, Tier::Enterprise, Feature::ReadReplicas, None);
    }

    #[test]
    fn configuration_names_tiers_and_nothing_else() {
        assert!(serde_json::from_str::<PlanBook>(r#"{"gold":{}}"#).is_err());
        let book: PlanBook = serde_json::from_str("{}").unwrap();
        for tier in Tier::ALL {
            assert_eq!(**book.plan(tier), Plan::of(tier));
        }
    }
}
