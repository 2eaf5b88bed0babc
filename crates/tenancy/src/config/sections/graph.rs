//! `[graph]`: where graph instances are, and what is taken of them.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Deserialize;
use tenancy_core::{Location, SecretRef};
use tenancy_graph::{BoltUrl, GraphInstance, GraphOptions, GraphStores};

use crate::config::{ConfigError, check::within};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GraphSection {
    instances: BTreeMap<Location, Instance>,
    max_connections: u64,
    max_instances: u64,
    wait_seconds: u64,
    statement_timeout_seconds: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Instance {
    url: Url,
    #[serde(default = "neo4j")]
    user: String,
    password: SecretRef,
    ca: Option<PathBuf>,
}

/// Where an instance listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Url(BoltUrl);

impl TryFrom<String> for Url {
    type Error = tenancy_graph::ParseBoltUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

fn neo4j() -> String {
    "neo4j".to_owned()
}

impl Default for GraphSection {
    fn default() -> Self {
        Self {
            instances: BTreeMap::new(),
            max_connections: 8,
            max_instances: 64,
            wait_seconds: 3,
            statement_timeout_seconds: 30,
        }
    }
}

impl GraphSection {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        within("graph.max_connections", self.max_connections, 1000)?;
        within("graph.max_instances", self.max_instances, 10_000)?;
        within("graph.wait_seconds", self.wait_seconds, 60)?;
        within(
            "graph.statement_timeout_seconds",
            self.statement_timeout_seconds,
            300,
        )
    }

    pub(crate) fn stores(&self) -> GraphStores {
        let count = |number| usize::try_from(number).unwrap_or(usize::MAX);
        let options = GraphOptions {
            max_connections: count(self.max_connections),
            max_instances: count(self.max_instances),
            acquire_timeout: Duration::from_secs(self.wait_seconds),
            statement_timeout: Duration::from_secs(self.statement_timeout_seconds),
            ..GraphOptions::default()
        };
        let instance = |(location, at): (Location, Instance)| {
            let instance = GraphInstance {
                url: at.url.0,
                user: at.user,
                password: at.password,
                ca: at.ca,
            };
            (location, instance)
        };
        GraphStores::new(
            self.instances.clone().into_iter().map(instance).collect(),
            options,
        )
    }
}
