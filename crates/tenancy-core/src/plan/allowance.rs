//! How much of something a plan allows.

use std::fmt;

use serde::{Deserialize, Serialize};

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
            // not the word itself: it may be a secret in the wrong place
            RawAllowance::Word(_) => Err("an allowance is a number or `unlimited`".to_owned()),
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
