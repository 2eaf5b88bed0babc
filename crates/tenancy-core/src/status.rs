//! Where a tenant is in its life.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where a tenant is in its life. Only an [`Active`](Self::Active) one is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TenantStatus {
    /// Its place is being made.
    Provisioning,
    /// Served.
    Active,
    /// Shut out, data kept.
    Suspended,
    /// Its data is between two placements; try again shortly.
    Moving,
    /// Its data is being erased.
    Deleting,
}

/// The text names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tenant status is `provisioning`, `active`, `suspended`, `moving` or `deleting`")]
pub struct ParseStatusError;

impl TenantStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Provisioning,
        Self::Active,
        Self::Suspended,
        Self::Moving,
        Self::Deleting,
    ];

    /// The name in tables and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Moving => "moving",
            Self::Deleting => "deleting",
        }
    }
}

impl FromStr for TenantStatus {
    type Err = ParseStatusError;

    fn from_str(text: &str) -> Result<Self, ParseStatusError> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(ParseStatusError)
    }
}

impl fmt::Display for TenantStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
