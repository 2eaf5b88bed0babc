//! How isolated a tenant is.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How isolated a tenant is: from everything shared to a cluster of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Everything shared; rows fenced by row-level security.
    Free,
    /// A namespace and a set of stores of its own.
    Standard,
    /// A cluster of its own.
    Enterprise,
}

/// The text names no tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tier is `free`, `standard` or `enterprise`")]
pub struct ParseTierError;

impl Tier {
    /// Every tier, the least isolated first.
    pub const ALL: [Self; 3] = [Self::Free, Self::Standard, Self::Enterprise];

    /// The name in tables, tokens and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Standard => "standard",
            Self::Enterprise => "enterprise",
        }
    }
}

impl FromStr for Tier {
    type Err = ParseTierError;

    fn from_str(text: &str) -> Result<Self, ParseTierError> {
        Self::ALL
            .into_iter()
            .find(|tier| tier.as_str() == text)
            .ok_or(ParseTierError)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
