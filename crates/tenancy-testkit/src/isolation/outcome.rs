//! What came of a try.

use std::fmt;

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It reached this many rows.
    Rows {
        /// Rows of the tenant it was about.
        own: u64,
        /// Rows of any other tenant.
        others: u64,
    },
    /// The server refused, with this SQLSTATE.
    Refused(String),
    /// It failed for a reason that proves nothing.
    Failed(String),
}

impl Outcome {
    /// The outcome of a driver's error: a refusal when the server gave one.
    #[must_use]
    pub fn of_error(error: &sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        code.map_or_else(
            || Self::Failed(error.to_string()),
            |code| Self::Refused(code.into_owned()),
        )
    }

    pub(super) fn refused(code: &str) -> Self {
        Self::Refused(code.to_owned())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Rows { own, others } => format!("{own}+{others}"),
            Self::Refused(code) => code.clone(),
            Self::Failed(why) => why.clone(),
        };
        f.pad(&text)
    }
}
