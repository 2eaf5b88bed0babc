//! What an itinerary says.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use tenancy::Result;

use crate::http::Checks;

/// Who sees an itinerary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub(crate) enum Visibility {
    /// Its owner, and roles that reach all data.
    #[default]
    Private,
    /// Every member of the tenant.
    Shared,
}

/// What an itinerary says: the part that its owner writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) notes: String,
    pub(crate) starts_on: Option<Date>,
    pub(crate) ends_on: Option<Date>,
    pub(crate) visibility: Visibility,
}

const FIRST_DAY: Date = date(1, 1, 1);

impl Content {
    /// # Errors
    ///
    /// 422 that names each field at fault.
    pub(crate) fn check(self) -> Result<Self> {
        let mut checks = Checks::default();
        checks.line("title", &self.title, 1..=200);
        checks.text("notes", &self.notes, 0..=10_000);
        for (field, day) in [("starts_on", self.starts_on), ("ends_on", self.ends_on)] {
            checks.ensure(
                day.is_none_or(|day| day >= FIRST_DAY),
                field,
                "not before the year 1",
            );
        }
        match (self.starts_on, self.ends_on) {
            (None, Some(_)) => checks.ensure(false, "starts_on", "needed when `ends_on` is given"),
            (Some(start), Some(end)) => checks.ensure(end >= start, "ends_on", "not before `starts_on`"),
            _ => {}
        }
        checks.done()?;
        Ok(self)
    }
}
