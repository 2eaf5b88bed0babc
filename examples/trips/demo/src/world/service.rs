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

    /// Who calls it.
    pub(super) fn called_by(self) -> &'static [Self] {
        match self {
            Self::Itineraries => &[Self::Social],
            Self::Social => &[],
        }
    }

    /// What it may do in its own name: the worker of `itineraries` looks for jobs, and notes what became of them.
    pub(super) fn own_permissions(self) -> &'static [&'static str] {
        match self {
            Self::Itineraries => &["tenant:data:read", "tenant:data:write"],
            Self::Social => &[],
        }
    }

    /// How many of it run on a whole platform: the shared `itineraries` is the one that all Free tenants ask.
    pub(super) fn replicas(self, target: Target) -> u32 {
        match (self, target) {
            (Self::Itineraries, Target::Shared) => 2,
            _ => 1,
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
