//! A database that is held at a version.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use tenancy_core::Location;

/// A database that is held at a version for a while: an Enterprise tenant's, or one that is being moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The database.
    pub location: Location,
    /// It gets no migration after this one.
    pub version: i64,
    /// Why, for who reads the report.
    pub reason: String,
    /// The last day, in UTC, on which it is held.
    pub until: Date,
}

impl Pin {
    /// Whether it holds on this day.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        today <= self.until
    }
}

/// The day, in UTC.
pub(super) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}
