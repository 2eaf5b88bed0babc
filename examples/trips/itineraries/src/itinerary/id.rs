//! The id of an itinerary.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an itinerary is called in audit records, beside its id.
pub(super) const KIND: &str = "itinerary";

/// The id of an itinerary: a UUID of version 7, so that later ones sort later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub(crate) struct ItineraryId(Uuid);

impl ItineraryId {
    pub(crate) fn new() -> Self {
        Self(Uuid::now_v7())
    }

    pub(crate) fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for ItineraryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
