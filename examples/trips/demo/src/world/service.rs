//! Which service runs for whom.

use std::fmt;

use tenancy_core::{DatabaseName, TenantId};

/// A service of the trips application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Itineraries, travellers and photos.
    Itineraries,
    /// Comments and likes.
    Social,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 2] = [Self::Itineraries, Self::Social];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Itineraries => "itineraries",
            Self::Social => "social",
        }
    }

    /// Whether it asks for a logical database.
    pub(super) fn uses(self, database: &DatabaseName) -> bool {
        match self {
            Self::Itineraries => database.as_str() == "core",
            Self::Social => database.as_str() == "social",
        }
    }

    /// Whether it stores objects.
    pub(super) fn stores_objects(self) -> bool {
        self == Self::Itineraries
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// For whom a deployment runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// All tenants of the shared cell.
    Shared,
    /// One tenant.
    Pinned(TenantId),
}
