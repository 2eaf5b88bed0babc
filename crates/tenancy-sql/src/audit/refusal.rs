//! Why a database must not be served from.

use std::fmt;

use tenancy_core::Location;

use super::{AuditError, Finding};

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
    Failed(AuditError),
}

impl Unsafe {
    pub(super) fn proven(location: &Location, findings: Vec<Finding>) -> Self {
        Self::new(location, Reason::Proven(findings))
    }

    pub(crate) fn unanswered(location: &Location, why: impl Into<String>) -> Self {
        Self::new(location, Reason::Unanswered(why.into()))
    }

    pub(super) fn failed(location: &Location, error: AuditError) -> Self {
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
