//! What the auditor says.

use std::fmt;

use super::Severity;

/// One reason why a database can't be trusted to isolate tenants, or could do it better.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
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
            ..
        } = self;
        write!(f, "[{rule}] `{object}` {problem}; mend it with `{remedy}`")
    }
}
