//! The sections of a configuration file.

mod audit;
mod deployment;
mod identity;
mod limits;
mod registry;
mod service;
mod telemetry;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Deserialize;
use tenancy_core::{HintRules, Location, PlanBook, SecretRef};
use tenancy_sql::PoolOptions;

pub(crate) use self::audit::AuditSection;
pub(crate) use self::deployment::{DeploymentSection, Mode};
pub(crate) use self::identity::{IdentitySection, RevocationSection, SessionCookieSection};
pub(crate) use self::limits::LimitsSection;
pub(crate) use self::registry::{LastKnownSection, RegistrySection};
pub(crate) use self::service::{ServiceSection, TrustedSection};
pub(crate) use self::telemetry::TelemetrySection;

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
    pub(crate) service: Option<ServiceSection>,
    #[serde(default)]
    pub(crate) plans: PlanBook,
    #[serde(default)]
    pub(crate) limits: LimitsSection,
    #[serde(default)]
    pub(crate) audit: AuditSection,
    #[serde(default)]
    pub(crate) telemetry: TelemetrySection,
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
