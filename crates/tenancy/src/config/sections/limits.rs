//! `[limits]`: how one process limits; the numbers of a tenant are its plan's.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use serde::Deserialize;
use tenancy_core::{Allowance, Deployment, SecretRef};
use tenancy_limits::{AddressLimit, LimitsConfig, QueueConfig, Shadow, SharedConfig};

use crate::config::{ConfigError, check::within};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsSection {
    pub(crate) address_per_minute: Allowance,
    pub(crate) address_at_once: u32,
    pub(crate) address_connections: u32,
    pub(crate) unread_seconds: u64,
    pub(crate) shadow: Vec<Policy>,
    pub(crate) places: Option<NonZeroUsize>,
    pub(crate) tenant_places: Option<NonZeroUsize>,
    pub(crate) tenant_waits: usize,
    pub(crate) waits: usize,
    pub(crate) wait_seconds: u64,
    pub(crate) redis: Option<SecretRef>,
    pub(crate) redis_prefix: String,
    pub(crate) replicas: NonZeroU32,
}

/// A rate that may watch only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Policy {
    Address,
    Tenant,
    User,
}

impl Default for LimitsSection {
    fn default() -> Self {
        let (address, queue) = (AddressLimit::default(), QueueConfig::default());
        Self {
            address_per_minute: Allowance::Limited(address.requests.get().into()),
            address_at_once: address.burst.get(),
            address_connections: 500,
            unread_seconds: 30,
            shadow: Vec::new(),
            places: None,
            tenant_places: None,
            tenant_waits: queue.tenant_waits,
            waits: queue.waits,
            wait_seconds: queue.patience.as_secs(),
            redis: None,
            redis_prefix: "tenancy".to_owned(),
            replicas: NonZeroU32::MIN,
        }
    }
}

impl LimitsSection {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.address()?;
        if self.redis.is_none() && self.replicas.get() > 1 {
            let problem = "replicas share limits through `limits.redis`, and there is none";
            return Err(ConfigError::key("limits.replicas", problem));
        }
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let prefix = &self.redis_prefix;
        if !(1..=63).contains(&prefix.len()) || !prefix.bytes().all(legal) {
            let problem = "1 to 63 letters, digits, `-`, `_` and `.`";
            return Err(ConfigError::key("limits.redis_prefix", problem));
        }
        within(
            "limits.address_connections",
            self.address_connections.into(),
            10_000,
        )?;
        within("limits.unread_seconds", self.unread_seconds, 300)?;
        within("limits.wait_seconds", self.wait_seconds, 60)
    }

    fn address(&self) -> Result<Option<AddressLimit>, ConfigError> {
        let Allowance::Limited(number) = self.address_per_minute else {
            return Ok(None);
        };
        let given = |key, number: Option<u32>| {
            let number = number.and_then(NonZeroU32::new);
            number.ok_or_else(|| ConfigError::key(key, "a number from 1 on, or for the rate `unlimited`"))
        };
        Ok(Some(AddressLimit {
            requests: given("limits.address_per_minute", u32::try_from(number).ok())?,
            burst: given("limits.address_at_once", Some(self.address_at_once))?,
        }))
    }

    /// What is limited, and the Redis that replicas share.
    pub(crate) fn settings(
        &self,
        deployment: Deployment,
    ) -> Result<(LimitsConfig, Option<SharedConfig>), ConfigError> {
        let defaults = LimitsConfig::default();
        let places = self.places.unwrap_or(defaults.queue.places);
        let watches = |policy| self.shadow.contains(&policy);
        let config = LimitsConfig {
            address: self.address()?,
            shadow: Shadow {
                address: watches(Policy::Address),
                tenant: watches(Policy::Tenant),
                user: watches(Policy::User),
            },
            replicas: self.replicas,
            queue: QueueConfig {
                places,
                tenant_places: self.tenant_places.or_else(|| tenant_places(places, deployment)),
                tenant_waits: self.tenant_waits,
                waits: self.waits,
                patience: Duration::from_secs(self.wait_seconds),
                ..defaults.queue
            },
            ..defaults
        };
        let shared = self.redis.clone().map(|url| SharedConfig {
            prefix: self.redis_prefix.clone(),
            ..SharedConfig::new(url)
        });
        Ok((config, shared))
    }
}

/// Among many tenants one has a quarter of the places, so that others find places and cores; alone it has what its plan says.
fn tenant_places(places: NonZeroUsize, deployment: Deployment) -> Option<NonZeroUsize> {
    match deployment {
        Deployment::Shared => Some(NonZeroUsize::new(places.get().div_ceil(4)).unwrap_or(NonZeroUsize::MIN)),
        Deployment::Pinned(_) => None,
    }
}
