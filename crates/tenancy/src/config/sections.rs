//! The sections of a configuration file.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de::Error as _};
use tenancy_core::{Deployment, HostPolicy, Location, SecretRef, TenantId};
use tenancy_sql::PoolOptions;

/// A configuration that was checked: see the crate's table of keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub(crate) deployment: DeploymentSection,
    pub(crate) identity: IdentitySection,
    pub(crate) registry: Option<RegistrySection>,
    pub(crate) directory: Option<DirectorySection>,
    #[serde(default)]
    pub(crate) sql: SqlSection,
    pub(crate) objects: Option<ObjectsSection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    Shared,
    Pinned,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeploymentSection {
    pub(crate) mode: Mode,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) domain: String,
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    #[serde(default = "listen", deserialize_with = "address")]
    pub(crate) listen: SocketAddr,
    #[serde(default = "request_timeout")]
    pub(crate) request_timeout_seconds: u64,
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn address<'de, D: Deserializer<'de>>(input: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(input)?;
    let expected = "an address and a port belong here, such as `127.0.0.1:8080`";
    text.parse().map_err(|_| D::Error::custom(expected))
}

fn request_timeout() -> u64 {
    30
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

impl Config {
    pub(crate) fn deployment(&self) -> Deployment {
        match (self.deployment.mode, self.deployment.tenant) {
            (Mode::Pinned, Some(tenant)) => Deployment::Pinned(tenant),
            _ => Deployment::Shared,
        }
    }

    pub(crate) fn hosts(&self) -> HostPolicy {
        HostPolicy::new(&self.deployment.domain, self.deployment.hosts.iter().cloned())
    }
}
