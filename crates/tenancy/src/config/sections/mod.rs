//! The sections of a configuration file.

mod audit;
mod deployment;
#[cfg(feature = "documents")]
mod documents;
#[cfg(feature = "graph")]
mod graph;
mod identity;
mod limits;
mod registry;
mod service;
mod sql;
mod telemetry;

use std::path::PathBuf;

use serde::Deserialize;
use tenancy_core::{HintRules, PlanBook};

pub(crate) use self::audit::AuditSection;
pub(crate) use self::deployment::{DeploymentSection, Mode};
#[cfg(feature = "documents")]
pub(crate) use self::documents::DocumentsSection;
#[cfg(feature = "graph")]
pub(crate) use self::graph::GraphSection;
pub(crate) use self::identity::{IdentitySection, RevocationSection, SessionCookieSection};
pub(crate) use self::limits::LimitsSection;
pub(crate) use self::registry::{LastKnownSection, RegistrySection};
pub(crate) use self::service::{ServiceSection, TrustedSection};
pub(crate) use self::sql::SqlSection;
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
    pub(crate) documents: Option<DocumentsSection>,
    pub(crate) graph: Option<GraphSection>,
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

/// Of a build without document stores: anything, which is refused.
#[cfg(not(feature = "documents"))]
pub(crate) type DocumentsSection = toml::Table;

/// Of a build without graphs: the same.
#[cfg(not(feature = "graph"))]
pub(crate) type GraphSection = toml::Table;
