//! What the boot check says.

use std::fmt;

use tenancy_core::Location;

/// One reason why a database can't be trusted to isolate tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static str,
    /// The role, table or function at fault.
    pub object: String,
    /// What is wrong with it.
    pub problem: String,
    /// The statement that mends it, to be run by the owner or a superuser.
    pub remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            object,
            problem,
            remedy,
        } = self;
        write!(f, "[{rule}] `{object}` {problem}; mend it with `{remedy}`")
    }
}

/// Why a database must not be served from: what was found, or that it could not be asked.
#[derive(Debug)]
pub struct Unsafe {
    location: Location,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    Proven(Vec<Finding>),
    Unanswered(String),
    Failed(sqlx::Error),
}

impl Unsafe {
    pub(super) fn proven(location: &Location, findings: Vec<Finding>) -> Self {
        Self::new(location, Reason::Proven(findings))
    }

    pub(crate) fn unanswered(location: &Location, why: impl Into<String>) -> Self {
        Self::new(location, Reason::Unanswered(why.into()))
    }

    pub(super) fn failed(location: &Location, error: sqlx::Error) -> Self {
        Self::new(location, Reason::Failed(error))
    }

    fn new(location: &Location, reason: Reason) -> Self {
        Self {
            location: location.clone(),
            reason,
        }
    }

    /// What was found; empty when the database could not be asked.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        match &self.reason {
            Reason::Proven(findings) => findings,
            Reason::Unanswered(_) | Reason::Failed(_) => &[],
        }
    }

    /// Where the database is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }
}

impl fmt::Display for Unsafe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = &self.location;
        match &self.reason {
            Reason::Proven(findings) => {
                write!(f, "the database at `{location}` does not isolate tenants")?;
                findings.iter().try_for_each(|finding| write!(f, "; {finding}"))
            }
            Reason::Unanswered(why) => write!(f, "the database at `{location}` can't be checked: {why}"),
            Reason::Failed(_) => write!(f, "the database at `{location}` can't be checked"),
        }
    }
}

impl std::error::Error for Unsafe {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Failed(error) => Some(error),
            Reason::Proven(_) | Reason::Unanswered(_) => None,
        }
    }
}
