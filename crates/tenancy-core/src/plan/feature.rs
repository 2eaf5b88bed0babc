//! What a plan has or lacks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A feature that a plan has or lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Comments and likes.
    Social,
    /// Recommendations over the graph store.
    Recommendations,
    /// Members other than the owner.
    Members,
    /// A host of the tenant's own below the platform's domain.
    Subdomain,
    /// A host below the tenant's own domain.
    CustomDomain,
    /// Roles other than the four.
    CustomRoles,
    /// Audit records of every user action, exportable.
    AuditLog,
    /// Exports by API and by schedule.
    ScheduledExport,
    /// Direct access to the tenant's databases.
    DirectDatabaseAccess,
    /// Read replicas.
    ReadReplicas,
    /// Encryption keys that the tenant manages.
    CustomerManagedKeys,
}

impl Feature {
    /// Every feature, in the order of their names in code.
    pub const ALL: [Self; 11] = [
        Self::Social,
        Self::Recommendations,
        Self::Members,
        Self::Subdomain,
        Self::CustomDomain,
        Self::CustomRoles,
        Self::AuditLog,
        Self::ScheduledExport,
        Self::DirectDatabaseAccess,
        Self::ReadReplicas,
        Self::CustomerManagedKeys,
    ];

    /// The name in configuration, problems and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Social => "social",
            Self::Recommendations => "recommendations",
            Self::Members => "members",
            Self::Subdomain => "subdomain",
            Self::CustomDomain => "custom_domain",
            Self::CustomRoles => "custom_roles",
            Self::AuditLog => "audit_log",
            Self::ScheduledExport => "scheduled_export",
            Self::DirectDatabaseAccess => "direct_database_access",
            Self::ReadReplicas => "read_replicas",
            Self::CustomerManagedKeys => "customer_managed_keys",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of features: one bit each, so that asking costs no look-up. A list of names in configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Feature>", into = "Vec<Feature>")]
pub struct FeatureSet(u32);

impl FeatureSet {
    /// No feature.
    pub const NONE: Self = Self(0);

    /// These features.
    #[must_use]
    pub const fn of(features: &[Feature]) -> Self {
        let (mut bits, mut rest) = (0, features);
        while let [first, others @ ..] = rest {
            bits |= bit(*first);
            rest = others;
        }
        Self(bits)
    }

    /// Whether `feature` is among them.
    #[must_use]
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & bit(feature) != 0
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether `other` has each of them.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.into_iter().filter(move |feature| self.has(*feature))
    }
}

const fn bit(feature: Feature) -> u32 {
    1 << feature as u32
}

impl FromIterator<Feature> for FeatureSet {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        Self(features.into_iter().fold(0, |bits, feature| bits | bit(feature)))
    }
}

impl From<Vec<Feature>> for FeatureSet {
    fn from(features: Vec<Feature>) -> Self {
        features.into_iter().collect()
    }
}

impl From<FeatureSet> for Vec<Feature> {
    fn from(set: FeatureSet) -> Self {
        set.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_it_was_made_of() {
        for feature in Feature::ALL {
            let set = FeatureSet::of(&[feature]);
            for other in Feature::ALL {
                assert_eq!(set.has(other), other == feature);
            }
            assert_eq!(set.iter().collect::<Vec<_>>(), [feature]);
            let text = serde_json::to_string(&set).unwrap();
            assert_eq!(text, format!("[\"{feature}\"]"));
            assert_eq!(serde_json::from_str::<FeatureSet>(&text).unwrap(), set);
        }
        let all = FeatureSet::of(&Feature::ALL);
        assert!(all.without(all).is_empty() && all.iter().count() == Feature::ALL.len());
        assert!(serde_json::from_str::<FeatureSet>("[\"everything\"]").is_err());
    }
}
