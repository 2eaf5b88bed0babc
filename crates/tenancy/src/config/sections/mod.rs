//! The sections of a configuration file.

mod deployment;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Deserialize;
use tenancy_core::{HintRules, Location, SecretRef};
use tenancy_sql::PoolOptions;

pub(crate) use self::deployment::{DeploymentSection, Mode};

/// A configuration that was checked: see the crate's table of keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub(crate) deployment: DeploymentSection,
    #[serde(default)]
    pub(crate) resolution: HintRules,
    pub(crate) identity: IdentitySection,
    pub(crate) registry: Option<RegistrySection>,
    pub(crate) directory: Option<DirectorySection>,
    #[serde(default)]
    pub(crate) sql: SqlSection,
    pub(crate) objects: Option<ObjectsSection>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentitySection {
    pub(crate) project: String,
    pub(crate) keys: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrySection {
    pub(crate) url: SecretRef,
    pub(crate) last_known: Option<LastKnownSection>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LastKnownSection {
    pub(crate) file: PathBuf,
    pub(crate) key: SecretRef,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DirectorySection {
    pub(crate) file: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObjectsSection {
    pub(crate) root: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SqlSection {
    pub(crate) locations: BTreeMap<Location, SecretRef>,
    pub(crate) max_connections: u32,
    pub(crate) statement_timeout_seconds: u64,
}

impl Default for SqlSection {
    fn default() -> Self {
        Self {
            locations: BTreeMap::new(),
            max_connections: 8,
            statement_timeout_seconds: 10,
        }
    }
}

impl SqlSection {
    pub(crate) fn pool_options(&self) -> PoolOptions {
        PoolOptions {
            max_connections: self.max_connections,
            statement_timeout: Duration::from_secs(self.statement_timeout_seconds),
            ..PoolOptions::default()
        }
    }
}
