//! What a plan can hold: features and allowances.

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

/// How much of something a plan allows. A number in configuration, or `"unlimited"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawAllowance", into = "RawAllowance")]
pub enum Allowance {
    /// This much and no more.
    Limited(u64),
    /// No bound from the plan.
    Unlimited,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum RawAllowance {
    Number(u64),
    Word(String),
}

impl Allowance {
    /// Whether `used` is still within the allowance.
    #[must_use]
    pub fn allows(self, used: u64) -> bool {
        match self {
            Self::Limited(limit) => used <= limit,
            Self::Unlimited => true,
        }
    }
}

impl TryFrom<RawAllowance> for Allowance {
    type Error = String;

    fn try_from(raw: RawAllowance) -> Result<Self, String> {
        match raw {
            RawAllowance::Number(limit) => Ok(Self::Limited(limit)),
            RawAllowance::Word(word) if word == "unlimited" => Ok(Self::Unlimited),
            RawAllowance::Word(word) => Err(format!("an allowance is a number or `unlimited`, not `{word}`")),
        }
    }
}

impl From<Allowance> for RawAllowance {
    fn from(allowance: Allowance) -> Self {
        match allowance {
            Allowance::Limited(limit) => Self::Number(limit),
            Allowance::Unlimited => Self::Word("unlimited".to_owned()),
        }
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limited(limit) => limit.fmt(f),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}
