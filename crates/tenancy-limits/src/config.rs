//! What is limited, and how.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use tenancy_core::Tier;

/// How one process limits. The numbers of a tenant are its plan's.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    /// The window that the plan's rates are of: a minute, unless a test is in a hurry.
    pub window: Duration,
    /// What one address may send before its token is looked at; `None`: as much as it likes.
    pub address: Option<AddressLimit>,
    /// Which policies only watch.
    pub shadow: Shadow,
    /// How many processes share the limits. While the shared store is away each allows its part of them; before the store has
    /// spoken of a key, its part of a twentieth. 1 when it is not known: each then allows the whole.
    pub replicas: NonZeroU32,
    /// The most keys that are remembered.
    pub room: Room,
    /// Who waits, and how long, when there are too many requests at a time.
    pub queue: QueueConfig,
}

/// What one address may send: IPv6 by its first 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressLimit {
    /// Requests a window, evenly. In any window at most so many and one burst pass.
    pub requests: NonZeroU32,
    /// How many may come at once.
    pub burst: NonZeroU32,
}

/// Which policies only watch: they count and report, and refuse nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shadow {
    /// Requests of an address.
    pub address: bool,
    /// Requests of a tenant.
    pub tenant: bool,
    /// Requests of a user.
    pub user: bool,
}

/// The most keys that are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Addresses, at some 50 bytes each.
    pub addresses: usize,
    /// Tenants that sent something in the last window, at 200 bytes to 2 KiB each.
    pub tenants: usize,
    /// Users that did, at the same price.
    pub users: usize,
}

/// Who waits, and how long, when there are too many requests at a time.
#[derive(Clone, Debug)]
pub struct QueueConfig {
    /// How many requests this process works on at a time, of all tenants.
    pub places: NonZeroUsize,
    /// The most of them that one tenant has, whatever its plan says. `None`: its plan alone says.
    pub tenant_places: Option<NonZeroUsize>,
    /// How many of one tenant wait.
    pub tenant_waits: usize,
    /// How many wait in all.
    pub waits: usize,
    /// How long one waits.
    pub patience: Duration,
    /// How many a tenant that waits gets in each round.
    pub weights: Weights,
}

/// How many requests of a tenant get a place in each round, by its tier. Zero is taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// On the Free tier.
    pub free: u32,
    /// On the Standard tier.
    pub standard: u32,
    /// On the Enterprise tier.
    pub enterprise: u32,
}

impl Weights {
    pub(crate) fn of(self, tier: Tier) -> u32 {
        let weight = match tier {
            Tier::Free => self.free,
            Tier::Standard => self.standard,
            Tier::Enterprise => self.enterprise,
        };
        weight.max(1)
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(60),
            address: Some(AddressLimit::default()),
            shadow: Shadow::default(),
            replicas: NonZeroU32::MIN,
            room: Room::default(),
            queue: QueueConfig::default(),
        }
    }
}

impl Default for AddressLimit {
    /// 600 a minute, 100 at once.
    fn default() -> Self {
        Self {
            requests: NonZeroU32::MIN.saturating_add(599),
            burst: NonZeroU32::MIN.saturating_add(99),
        }
    }
}

impl Default for Room {
    fn default() -> Self {
        Self {
            addresses: 100_000,
            tenants: 100_000,
            users: 200_000,
        }
    }
}

impl Default for QueueConfig {
    /// Four places a core, as many of one tenant as its plan says; 64 of a tenant wait and 4,096 in all, for 5 seconds; all tenants
    /// alike.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            places: cores.saturating_mul(NonZeroUsize::MIN.saturating_add(3)),
            tenant_places: None,
            tenant_waits: 64,
            waits: 4_096,
            patience: Duration::from_secs(5),
            weights: Weights::default(),
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            free: 1,
            standard: 1,
            enterprise: 1,
        }
    }
}
