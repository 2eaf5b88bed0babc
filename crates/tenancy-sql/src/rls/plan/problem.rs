//! Why there is no plan yet.

use std::fmt;

/// Something that must be decided or mended before a schema can be fenced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What it is about.
    pub object: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    pub(super) fn new(
        object: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (object, problem, remedy) = (object.into(), problem.into(), remedy.into());
        Self {
            object,
            problem,
            remedy,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            object,
            problem,
            remedy,
        } = self;
        write!(f, "`{object}` {problem}: {remedy}")
    }
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// All of them, so that one run shows every one.
    #[error("the schema can't be fenced yet; {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems(Vec<Problem>),
    /// The database refused or broke off.
    #[error("the catalog can't be read")]
    Database(#[from] sqlx::Error),
}
