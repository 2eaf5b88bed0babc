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

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: &str = "mode = \"shared\"";
    const PINNED: &str = "mode = \"pinned\", tenant = \"01a20c44-1eb8-76ed-9b4f-8986dd4b314e\"";
    const LIMITS: &str = "limits = { redis = \"env:LIMITS\", redis_prefix = \"trips\" }";
    const SERVICE: &str = "service = { name = \"trips\" }";
    const OWN: &str = "service = { name = \"trips\", redis = \"env:OWN\" }";

    fn check(mode: &str, sections: &[&str], expect: Option<(&str, &str)>) {
        let text = format!(
            "deployment = {{ {mode}, domain = \"app.example.com\" }}\nidentity = {{ project = \"demo-trips\" }}\n{}",
            sections.join("\n")
        );
        let config = toml::from_str::<Config>(&text).unwrap();
        let found = redis(&config).map(|(key, redis)| (key, format!("{} {:?}", redis.prefix, redis.url)));
        let found = found.as_ref().map(|(key, at)| (*key, at.as_str()));
        assert_eq!(found.is_some(), expect.is_some(), "{text}");
        if let (Some((key, at)), Some((its, part))) = (found, expect) {
            assert!(key == its && at.contains(part), "{key} {at}: {text}");
        }
    }

    #[test]
    fn the_redis_that_is_named_for_it_or_that_of_the_limits() {
        check(SHARED, &[SERVICE], None);
        check(SHARED, &[LIMITS], None);
        check(SHARED, &[SERVICE, LIMITS], Some(("limits.redis", "LIMITS")));
        check(SHARED, &[SERVICE, LIMITS], Some(("limits.redis", "trips ")));
        check(SHARED, &[OWN, LIMITS], Some(("service.redis", "OWN")));
        check(SHARED, &[OWN], Some(("service.redis", "OWN")));
        check(PINNED, &[SERVICE], None);
        check(PINNED, &[OWN], Some(("service.redis", "OWN")));
    }
}
