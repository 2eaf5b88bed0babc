//! The id of an itinerary: all that this service knows of one.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of an itinerary, as the service `itineraries` gave it. Whether there is one, this service can't know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub(crate) struct ItineraryId(Uuid);

impl fmt::Display for ItineraryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
