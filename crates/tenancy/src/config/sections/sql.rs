//! `[sql]`: where databases are, and what is taken of them.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use tenancy_core::{Deployment, Location, SecretRef};
use tenancy_sql::{DatabaseUrls, Hygiene, PoolMode, PoolOptions};

use crate::config::{ConfigError, check::within};

/// How many replicas a database has, at most.
const MOST_REPLICAS: usize = 8;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SqlSection {
    pub(crate) locations: BTreeMap<Location, SecretRef>,
    replicas: BTreeMap<Location, Vec<SecretRef>>,
    pub(crate) max_connections: u32,
    tenant_connections: Option<u32>,
    connection_budget: u32,
    idle_seconds: u64,
    max_waiting: u32,
    wait_seconds: u64,
    statement_timeout_seconds: u64,
    pool_mode: Mode,
    hygiene: Clean,
    seal: Option<SecretRef>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Session,
    Transaction,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Clean {
    Reset,
    Strict,
}

impl Default for SqlSection {
    fn default() -> Self {
        Self {
            locations: BTreeMap::new(),
            replicas: BTreeMap::new(),
            max_connections: 8,
            tenant_connections: None,
            connection_budget: 100,
            idle_seconds: 300,
            max_waiting: 1000,
            wait_seconds: 3,
            statement_timeout_seconds: 60,
            pool_mode: Mode::Session,
            hygiene: Clean::Reset,
            seal: None,
        }
    }
}

impl SqlSection {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        within("sql.max_connections", self.max_connections.into(), 1000)?;
        if let Some(own) = self.tenant_connections {
            within("sql.tenant_connections", own.into(), self.max_connections.into())?;
        }
        // one that serves, and one that cancels
        if self.connection_budget < 2 {
            let problem = format!("`{}` is not in 2 to 10000", self.connection_budget);
            return Err(ConfigError::key("sql.connection_budget", problem));
        }
        within("sql.connection_budget", self.connection_budget.into(), 10_000)?;
        within("sql.idle_seconds", self.idle_seconds, 86_400)?;
        within("sql.max_waiting", self.max_waiting.into(), 100_000)?;
        within("sql.wait_seconds", self.wait_seconds, 60)?;
        self.check_replicas()?;
        if self.seal.is_some() && matches!(self.pool_mode, Mode::Transaction) {
            return Err(ConfigError::key(
                "sql.seal",
                "a seal is bound to a session: set `pool_mode` to `session`, or remove it",
            ));
        }
        within(
            "sql.statement_timeout_seconds",
            self.statement_timeout_seconds,
            300,
        )
    }

    fn check_replicas(&self) -> Result<(), ConfigError> {
        for (location, replicas) in &self.replicas {
            let key = || format!("sql.replicas.{location}");
            if !self.locations.contains_key(location) {
                return Err(ConfigError::key(
                    key(),
                    "`sql.locations` does not name this database",
                ));
            }
            if !(1..=MOST_REPLICAS).contains(&replicas.len()) {
                let problem = format!("{} are not 1 to {MOST_REPLICAS}", replicas.len());
                return Err(ConfigError::key(key(), problem));
            }
        }
        if self.seal.is_some() && !self.replicas.is_empty() {
            return Err(ConfigError::key(
                "sql.replicas",
                "a standby can't be sealed: remove them, or `sql.seal`",
            ));
        }
        Ok(())
    }

    /// Where each database is, with its replicas.
    pub(crate) fn urls(&self) -> BTreeMap<Location, DatabaseUrls> {
        let urls = |(location, primary): (&Location, &SecretRef)| {
            let replicas = self.replicas.get(location).cloned().unwrap_or_default();
            (
                location.clone(),
                DatabaseUrls::new(primary.clone()).replicas(replicas),
            )
        };
        self.locations.iter().map(urls).collect()
    }

    /// In a shared deployment one tenant fills a quarter of the queue at most.
    pub(crate) fn pool_options(&self, deployment: Deployment) -> PoolOptions {
        let max_waiting = self.max_waiting as usize;
        PoolOptions {
            mode: match self.pool_mode {
                Mode::Session => PoolMode::Session,
                Mode::Transaction => PoolMode::Transaction,
            },
            hygiene: match self.hygiene {
                Clean::Reset => Hygiene::Reset,
                Clean::Strict => Hygiene::Strict,
            },
            seal: self.seal.clone(),
            max_connections: self.max_connections,
            connection_budget: self.connection_budget,
            idle_timeout: Duration::from_secs(self.idle_seconds),
            tenant_connections: self.tenant_connections.unwrap_or(self.max_connections),
            max_waiting,
            tenant_waiting: match deployment {
                Deployment::Shared => max_waiting.div_ceil(4),
                Deployment::Pinned(_) => max_waiting,
            },
            acquire_timeout: Duration::from_secs(self.wait_seconds),
            statement_timeout: Duration::from_secs(self.statement_timeout_seconds),
            ..PoolOptions::default()
        }
    }
}
