//! What one audit found.

use super::{Finding, Severity};

/// What one audit of one database found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The role whose view was taken.
    pub role: String,
    /// Tables, views and the like that the role reaches.
    pub relations: usize,
    /// Those of them with the tenant's column.
    pub tenant_tables: usize,
    /// What was found, in the order of the rules.
    pub findings: Vec<Finding>,
    /// What was not looked at, and why: a probe that had no rows of two tenants, and the like.
    pub unproven: Vec<String>,
}

impl Report {
    /// The findings that are at least as bad.
    pub fn at_least(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.severity >= severity)
    }
}
