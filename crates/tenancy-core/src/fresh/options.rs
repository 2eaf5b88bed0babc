//! How much is kept, and for how long.

use std::time::Duration;

use crate::Tier;

/// How much the caches of a process keep, and for how long. The defaults are the stated bounds.
#[derive(Clone, Debug)]
pub struct CacheOptions {
    /// Tenants that are kept. Those that were not asked for lately go first. 100,000.
    pub tenants: usize,
    /// Memberships that are kept. 100,000.
    pub members: usize,
    /// Keys that nobody has, kept apart so that a flood of them pushes out no tenant. 8,192.
    pub unknown: usize,
    /// How long an answer is fresh after it was confirmed, by a look-up or by the feed. 2 s.
    pub fresh_for: Duration,
    /// How long an answer that nothing confirms is served while it is asked for again: the bound that holds when push
    /// and feed are lost and look-ups work. 5 s.
    pub stale_for: Duration,
    /// How long "there is none" is kept; any change that the feed tells of ends it at once. 1 s.
    pub unknown_for: Duration,
    /// How long one look-up may take. 3 s.
    pub load_timeout: Duration,
    /// Look-ups under way at a time, in each cache; more are `Unavailable`. By a host or a slug, which anybody may name, at
    /// most half of them: what a verified token asks for finds a place. 1,024.
    pub loads: usize,
    /// How long the last known answers serve when look-ups fail.
    pub caps: StaleCaps,
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self {
            tenants: 100_000,
            members: 100_000,
            unknown: 8_192,
            fresh_for: Duration::from_secs(2),
            stale_for: Duration::from_secs(5),
            unknown_for: Duration::from_secs(1),
            load_timeout: Duration::from_secs(3),
            loads: 1_024,
            caps: StaleCaps::default(),
        }
    }
}

/// How long the last known answer about a tenant serves while the registry does not answer, counted from when it was
/// last confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleCaps {
    /// For Free tenants. 5 minutes.
    pub free: Duration,
    /// For Standard tenants. 1 hour.
    pub standard: Duration,
    /// For Enterprise tenants. 24 hours.
    pub enterprise: Duration,
}

impl Default for StaleCaps {
    fn default() -> Self {
        Self {
            free: Duration::from_secs(5 * 60),
            standard: Duration::from_secs(60 * 60),
            enterprise: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl StaleCaps {
    /// The cap of a tier.
    #[must_use]
    pub fn of(&self, tier: Tier) -> Duration {
        match tier {
            Tier::Free => self.free,
            Tier::Standard => self.standard,
            Tier::Enterprise => self.enterprise,
        }
    }
}
