//! Why the platform can't be set up.

/// A result of setting things up.
pub type Result<T> = std::result::Result<T, Failure>;

/// What could not be set up, and why.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct Failure {
    what: String,
    why: String,
}

impl Failure {
    /// Says what failed and why.
    pub fn new(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self { what: what.into(), why: why.to_string() }
    }
}

/// Adds what was being done to an error.
pub(crate) trait While<T> {
    fn during(self, what: &str) -> Result<T>;
}

impl<T, E: std::fmt::Debug> While<T> for std::result::Result<T, E> {
    fn during(self, what: &str) -> Result<T> {
        self.map_err(|error| Failure::new(what, format!("{error:?}")))
    }
}
