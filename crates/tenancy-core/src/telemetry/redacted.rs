//! A value that no log shows.

use std::fmt;

/// A value that could be a tenant's: a title, an address, a path. `Debug` and `Display` print `[redacted]`, and serde does not
/// know it, so that no log, span or error can show it by accident; [`reveal`](Self::reveal) is the one way to it.
///
/// For secrets use `secrecy`, which also wipes them.
///
/// ```
/// # use tenancy_core::telemetry::Redacted;
/// let title = Redacted::new("Elopement in Lisbon");
/// assert_eq!(format!("{title} {title:?}"), "[redacted] [redacted]");
/// assert_eq!(*title.reveal(), "Elopement in Lisbon");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for work and for responses to its owner; never for a log.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The value itself, for work and for responses to its owner; never for a log.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Redacted<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
