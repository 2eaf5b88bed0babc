//! Which service runs for whom, and what its configuration holds.

use std::fmt;

use tenancy_core::TenantId;

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

    /// The name of its binary.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Itineraries => "itineraries",
            Self::Social => "social",
        }
    }

    /// The logical database it asks for.
    #[must_use]
    pub fn database(self) -> &'static str {
        match self {
            Self::Itineraries => "core",
            Self::Social => "social",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// For whom an instance runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// All tenants of the shared cell.
    Shared,
    /// One tenant.
    Pinned(TenantId),
}
