//! `[registry]`: who answers which tenants and members there are.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;
use tenancy_core::{CacheOptions, SecretRef, StaleCaps};

use crate::config::{ConfigError, check::within};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrySection {
    pub(crate) url: SecretRef,
    pub(crate) last_known: Option<LastKnownSection>,
    #[serde(default)]
    pub(crate) outage_minutes: OutageSection,
}

impl RegistrySection {
    /// What is kept of its answers, and for how long.
    pub(crate) fn cache(&self) -> CacheOptions {
        CacheOptions {
            caps: self.outage_minutes.caps(),
            ..CacheOptions::default()
        }
    }
}

/// For how long tenants of each tier are served while the registry is away.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OutageSection {
    free: u64,
    standard: u64,
    enterprise: u64,
}

impl Default for OutageSection {
    fn default() -> Self {
        let caps = StaleCaps::default();
        let [free, standard, enterprise] =
            [caps.free, caps.standard, caps.enterprise].map(|cap| cap.as_secs() / 60);
        Self {
            free,
            standard,
            enterprise,
        }
    }
}

impl OutageSection {
    /// Three days: for longer, nobody should work by what was true once.
    const MOST: u64 = 3 * 24 * 60;

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        for (tier, minutes) in [
            ("free", self.free),
            ("standard", self.standard),
            ("enterprise", self.enterprise),
        ] {
            within(&format!("registry.outage_minutes.{tier}"), minutes, Self::MOST)?;
        }
        Ok(())
    }

    fn caps(&self) -> StaleCaps {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        StaleCaps {
            free: minutes(self.free),
            standard: minutes(self.standard),
            enterprise: minutes(self.enterprise),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LastKnownSection {
    pub(crate) file: PathBuf,
    pub(crate) key: SecretRef,
}
