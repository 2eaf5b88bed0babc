//! What no single key's type can say.

use std::net::IpAddr;

use tenancy_core::HintRulesError;

use super::{Config, ConfigError, Mode};

impl Config {
    pub(super) fn check(self) -> Result<Self, ConfigError> {
        self.one_tenant_when_pinned()?;
        self.one_directory()?;
        self.hosts_that_can_match()?;
        self.hints_that_can_agree()?;
        self.services_that_can_be_told_apart()?;
        self.nothing_shared_when_pinned()?;
        self.limits.check()?;
        self.audit.check()?;
        if let Some(registry) = &self.registry {
            registry.outage_minutes.check()?;
        }
        self.telemetry.check()?;
        self.revocation_within_bounds()?;
        let timeout = self.deployment.request_timeout_seconds;
        within("deployment.request_timeout_seconds", timeout, 300)?;
        self.sql.check()?;
        self.documents()?;
        self.graph()?;
        Ok(self)
    }

    #[cfg(feature = "documents")]
    fn documents(&self) -> Result<(), ConfigError> {
        self.documents.as_ref().map_or(Ok(()), |section| section.check())
    }

    #[cfg(not(feature = "documents"))]
    fn documents(&self) -> Result<(), ConfigError> {
        lacks(self.documents.is_some(), "documents")
    }

    #[cfg(feature = "graph")]
    fn graph(&self) -> Result<(), ConfigError> {
        self.graph.as_ref().map_or(Ok(()), |section| section.check())
    }

    #[cfg(not(feature = "graph"))]
    fn graph(&self) -> Result<(), ConfigError> {
        lacks(self.graph.is_some(), "graph")
    }

    fn one_tenant_when_pinned(&self) -> Result<(), ConfigError> {
        let problem = match (self.deployment.mode, self.deployment.tenant) {
            (Mode::Pinned, None) => "a pinned deployment names its tenant's id",
            (Mode::Shared, Some(_)) => "a shared deployment has no tenant; set mode to `pinned` or remove it",
            _ => return Ok(()),
        };
        Err(ConfigError::key("deployment.tenant", problem))
    }

    fn one_directory(&self) -> Result<(), ConfigError> {
        let (key, problem) = match (&self.registry, &self.directory, self.deployment.mode) {
            (None, None, _) => (
                "registry.url",
                "missing; the deployment's tenants come from the registry",
            ),
            (Some(_), Some(_), _) => (
                "directory.file",
                "remove it, or the registry: one of them answers",
            ),
            (None, Some(_), Mode::Shared) => ("directory.file", "for pinned deployments only"),
            _ => return Ok(()),
        };
        Err(ConfigError::key(key, problem))
    }

    /// A host that no request can name would make every request a 404.
    fn hosts_that_can_match(&self) -> Result<(), ConfigError> {
        let domain = &self.deployment.domain;
        if !is_domain(domain) {
            let problem =
                format!("`{domain}` is no domain, such as `app.example.com`: without scheme, port and path");
            return Err(ConfigError::key("deployment.domain", problem));
        }
        match self.deployment.hosts.iter().find(|host| !is_host(host)) {
            None => Ok(()),
            Some(host) => {
                let problem =
                    format!("`{host}` is no host: a name or an address, without scheme, port and path");
                Err(ConfigError::key("deployment.hosts", problem))
            }
        }
    }

    /// What every tenant's deployment could write is no place for one that is to reach its own only.
    fn nothing_shared_when_pinned(&self) -> Result<(), ConfigError> {
        match (self.deployment.mode, &self.limits.redis) {
            (Mode::Pinned, Some(_)) => Err(ConfigError::key(
                "limits.redis",
                "for shared deployments only; remove it: a pinned one holds no credential that reaches beyond its tenant",
            )),
            _ => Ok(()),
        }
    }

    fn revocation_within_bounds(&self) -> Result<(), ConfigError> {
        let Some(revocation) = &self.identity.revocation else {
            return Ok(());
        };
        within(
            "identity.revocation.fresh_seconds",
            revocation.fresh_seconds,
            3600,
        )?;
        within(
            "identity.revocation.stale_seconds",
            revocation.stale_seconds,
            3600,
        )?;
        if revocation.stale_seconds < revocation.fresh_seconds {
            let problem = "not less than `identity.revocation.fresh_seconds`";
            return Err(ConfigError::key("identity.revocation.stale_seconds", problem));
        }
        Ok(())
    }

    fn services_that_can_be_told_apart(&self) -> Result<(), ConfigError> {
        let Some(service) = &self.service else {
            return Ok(());
        };
        if service.trusted.contains_key(&service.name) {
            let problem = "the service itself; it trusts its own jobs without an entry";
            return Err(ConfigError::key(
                format!("service.trusted.{}", service.name),
                problem,
            ));
        }
        service.check_peers()?;
        for (name, entry) in &service.trusted {
            if self.deployment.mode == Mode::Pinned && entry.tenants.is_some() {
                let key = format!("service.trusted.{name}.tenants");
                let problem = "for shared deployments only; a pinned one's services speak for its tenant";
                return Err(ConfigError::key(key, problem));
            }
        }
        match &service.operators {
            Some(operators) => within(
                "service.operators.longest_minutes",
                operators.longest_minutes,
                480,
            ),
            None => Ok(()),
        }
    }

    /// A host that could be a tenant's is that tenant's, and rules that nothing can meet would make every request a 404.
    fn hints_that_can_agree(&self) -> Result<(), ConfigError> {
        let hosts = self.deployment.host_policy();
        for host in &self.deployment.hosts {
            if let Some(slug) = hosts.slug_in(host) {
                let problem =
                    format!("`{host}` is the host of a tenant `{slug}`, whether there is one or not");
                return Err(ConfigError::key("deployment.hosts", problem));
            }
        }
        let rules = self.resolution.check(&hosts);
        rules.map_err(|error| {
            let key = match error {
                HintRulesError::NeutralHost(_) => "deployment.hosts",
                _ => "resolution.host",
            };
            ConfigError::key(key, error.to_string())
        })
    }
}

#[cfg(not(all(feature = "documents", feature = "graph")))]
fn lacks(is_there: bool, store: &str) -> Result<(), ConfigError> {
    if !is_there {
        return Ok(());
    }
    let problem = format!(
        "this build can't reach it: add the feature `{store}` of the crate `tenancy`, or remove the section"
    );
    Err(ConfigError::key(store, problem))
}

pub(super) fn within(key: &str, value: u64, max: u64) -> Result<(), ConfigError> {
    if (1..=max).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError::key(key, format!("`{value}` is not in 1 to {max}")))
    }
}

/// Labels of letters, digits, `-` and `_` (names within a cluster have it), with dots between them.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label) && text.parse::<IpAddr>().is_err()
}

/// As it stands in a request: an IPv6 address in brackets.
fn is_host(text: &str) -> bool {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => text.parse::<std::net::Ipv4Addr>().is_ok() || is_domain(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for host in [
            "app.example.com",
            "localhost",
            "trips_social",
            "127.0.0.1",
            "[::1]",
            "APP.example",
        ] {
            assert!(is_host(host), "{host}");
        }
        for text in [
            "",
            "https://app.example.com",
            "app.example.com:8080",
            "app.example.com/",
            "::1",
            "[127.0.0.1]",
            "a..b",
            "-a",
            "*.example.com",
            "a b",
            &"a".repeat(64),
        ] {
            assert!(!is_host(text), "{text}");
        }
        assert!(!is_domain("127.0.0.1"));
    }
}
