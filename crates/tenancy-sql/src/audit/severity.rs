//! How bad a finding is.

use std::{fmt, str::FromStr};

/// How bad a finding is. Ordered: a note is less than a warning is less than an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth to know: it tells of something, slows something, or can't be mended here.
    Note,
    /// A fence is missing behind which another one stands, or the schema is slower than it should be.
    Warning,
    /// A tenant can reach, change or learn of another's rows.
    Error,
}

/// Why a text names no severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a severity is `note`, `warning` or `error`")]
pub struct ParseSeverityError;

impl Severity {
    /// Its name, as in SARIF.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = ParseSeverityError;

    fn from_str(text: &str) -> Result<Self, ParseSeverityError> {
        [Self::Note, Self::Warning, Self::Error]
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or(ParseSeverityError)
    }
}
