//! Who remembers which proofs were used and which jobs were done.

use std::sync::Arc;

use tenancy_auth::{LocalJobLedger, LocalReplayGuard};
use tenancy_core::{Deployment, JobLedger, ReplayGuard};
use tenancy_limits::{SharedConfig, SharedProofs};

use crate::config::{Config, ConfigError};

/// How much the one tenant of a pinned deployment may have remembered: of each service's proofs, and of jobs.
const ONE_TENANT: usize = 100_000;

/// What a deployment remembers: in this process, or through the Redis that its replicas share.
pub(crate) struct Once {
    pub(crate) guard: Arc<dyn ReplayGuard>,
    pub(crate) ledger: Arc<dyn JobLedger>,
}

impl Once {
    pub(crate) async fn new(config: &Config) -> Result<Self, ConfigError> {
        let guard = match config.deployment.deployment() {
            Deployment::Shared => LocalReplayGuard::default(),
            Deployment::Pinned(_) => LocalReplayGuard::of_one_tenant(ONE_TENANT),
        };
        let ledger = match config.deployment.deployment() {
            Deployment::Shared => LocalJobLedger::default(),
            Deployment::Pinned(_) => LocalJobLedger::of_one_tenant(ONE_TENANT),
        };
        let Some((key, redis)) = redis(config) else {
            return Ok(Self {
                guard: Arc::new(guard),
                ledger: Arc::new(ledger),
            });
        };
        let shared = SharedProofs::start(redis).await;
        let shared = Arc::new(shared.map_err(|error| ConfigError::key(key, error.to_string()))?);
        Ok(Self {
            guard: Arc::new(guard.before(Arc::clone(&shared) as _)),
            ledger: shared,
        })
    }
}

/// The Redis of a service that takes proofs: its own, or that of the limits; and the key that names it.
fn redis(config: &Config) -> Option<(&'static str, SharedConfig)> {
    let service = config.service.as_ref()?;
    let (key, url) = match (&service.redis, &config.limits.redis) {
        (Some(own), _) => ("service.redis", own),
        (None, Some(limits)) => ("limits.redis", limits),
        (None, None) => return None,
    };
    let config = SharedConfig {
        prefix: config.limits.redis_prefix.clone(),
        ..SharedConfig::new(url.clone())
    };
    Some((key, config))
}
