//! What breaks a rule.

use std::fmt;

/// A place that breaks a rule, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The rule's name; filled in by who runs the rule.
    pub(crate) rule: &'static str,
    /// The file, from the workspace's folder.
    pub(crate) file: String,
    /// The line, from 1; 0 for the whole file.
    pub(crate) line: usize,
    /// What is wrong and what to do.
    pub(crate) remedy: String,
}

impl Finding {
    pub(crate) fn new(file: &str, line: usize, remedy: impl Into<String>) -> Self {
        Self {
            rule: "",
            file: file.to_owned(),
            line,
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            file,
            line,
            remedy,
        } = self;
        match line {
            0 => write!(f, "{file}: {rule}: {remedy}"),
            line => write!(f, "{file}:{line}: {rule}: {remedy}"),
        }
    }
}
