//! Why the world can't be set up.

use std::error::Error;

/// A result of setting things up.
pub type Result<T> = std::result::Result<T, Failure>;

/// What could not be done, and why.
#[derive(Debug, thiserror::Error)]
#[error("could not {what}: {why}")]
pub struct Failure {
    what: String,
    why: String,
}

impl Failure {
    /// Says what could not be done, and why.
    pub fn new(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self {
            what: what.into(),
            why: why.to_string(),
        }
    }
}

/// Says what was being done when an error came.
pub(crate) trait While<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Error + 'static> While<T> for std::result::Result<T, E> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure::new(what(), reasons(&error)))
    }
}

/// An error with its causes, and with what ours keep for the log.
fn reasons(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let texts = causes.map(|cause| {
        let log = cause
            .downcast_ref::<tenancy_core::Error>()
            .and_then(tenancy_core::Error::log);
        log.map_or_else(|| cause.to_string(), |log| format!("{cause} ({log})"))
    });
    texts.collect::<Vec<_>>().join(": ")
}
