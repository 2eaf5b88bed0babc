//! The sections of a configuration file.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use serde::Deserialize;
use tenancy_core::{Deployment, HostPolicy, Location, SecretRef, TenantId};
use tenancy_sql::PoolOptions;

use super::ConfigError;

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
    #[serde(default = "listen")]
    pub(crate) listen: SocketAddr,
    #[serde(default = "request_timeout")]
    pub(crate) request_timeout_seconds: u64,
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
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

    /// What no single key's type can say.
    pub(super) fn check(self) -> Result<Self, ConfigError> {
        let refuse = |key: &str, problem: &str| Err(ConfigError::key(key, problem));
        let within = |value: u64, max: u64| (1..=max).contains(&value);
        match (self.deployment.mode, self.deployment.tenant) {
            (Mode::Pinned, None) => {
                return refuse("deployment.tenant", "a pinned deployment names its tenant's id");
            }
            (Mode::Shared, Some(_)) => {
                return refuse(
                    "deployment.tenant",
                    "a shared deployment has no tenant; set mode to `pinned` or remove it",
                );
            }
            _ => {}
        }
        match (&self.registry, &self.directory, self.deployment.mode) {
            (None, None, _) => {
                return refuse(
                    "registry.url",
                    "missing; the deployment's tenants come from the registry",
                );
            }
            (Some(_), Some(_), _) => {
                return refuse(
                    "directory.file",
                    "remove it, or the registry: one of them answers",
                );
            }
            (None, Some(_), Mode::Shared) => return refuse("directory.file", "for pinned deployments only"),
            _ => {}
        }
        if self.deployment.domain.is_empty() {
            return refuse(
                "deployment.domain",
                "empty; it is the platform's domain, such as `app.example.com`",
            );
        }
        if !within(self.deployment.request_timeout_seconds, 300) {
            return refuse("deployment.request_timeout_seconds", "1 to 300");
        }
        if !within(self.sql.max_connections.into(), 1000) {
            return refuse("sql.max_connections", "1 to 1000");
        }
        if !within(self.sql.statement_timeout_seconds, 300) {
            return refuse("sql.statement_timeout_seconds", "1 to 300");
        }
        Ok(self)
    }
}
