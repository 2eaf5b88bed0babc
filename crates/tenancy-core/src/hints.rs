//! What a request says about its tenant beside the token. It may agree, and nothing else.

use crate::{TenantRecord, names};

/// The hosts a deployment answers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPolicy {
    domain: String,
    also: Vec<String>,
}

impl HostPolicy {
    /// Answers to `domain` (which names no tenant), to `{slug}.domain`, to a tenant's own domain, and to the hosts in
    /// `also`, which name no tenant either (a service's name within a cluster). Compared without regard to case.
    #[must_use]
    pub fn new(domain: &str, also: impl IntoIterator<Item = String>) -> Self {
        let also = also.into_iter().map(|host| host.to_ascii_lowercase()).collect();
        Self {
            domain: domain.to_ascii_lowercase(),
            also,
        }
    }

    /// Whether `host` (without port) names `tenant`, or names no tenant at all.
    fn agrees(&self, host: &str, tenant: &TenantRecord) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        host == self.domain
            || host == names::host(&tenant.slug, &self.domain)
            || tenant.custom_host.as_ref() == Some(&host)
            || self.also.contains(&host)
    }
}

/// What a request says about its tenant beside the token: host, header and path. Unverified, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Every host the request names, with or without port: the `Host` header and the target's authority.
    pub hosts: Vec<String>,
    /// Every tenant that a header or a path parameter names: ids or slugs.
    pub tenants: Vec<String>,
}

/// Which hint disagrees: for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disagreement {
    Host,
    Tenant,
}

impl Hints {
    /// Whether every hint agrees with `tenant`.
    pub(crate) fn check(&self, policy: &HostPolicy, tenant: &TenantRecord) -> Result<(), Disagreement> {
        if !self
            .hosts
            .iter()
            .all(|host| policy.agrees(without_port(host), tenant))
        {
            return Err(Disagreement::Host);
        }
        let (id, slug) = (tenant.id.to_string(), tenant.slug.as_str());
        if self.tenants.iter().all(|text| *text == id || text == slug) {
            Ok(())
        } else {
            Err(Disagreement::Tenant)
        }
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // an IPv6 address without a port ends in its bracket
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IdentityTenant, Placement, TenantId, TenantStatus, Tier};

    fn acme() -> TenantRecord {
        TenantRecord {
            id: TenantId::new(),
            slug: "acme".parse().unwrap(),
            name: "Acme".to_owned(),
            tier: Tier::Standard,
            status: TenantStatus::Active,
            identity_tenant: "acme-x1y2z".parse::<IdentityTenant>().unwrap(),
            custom_host: Some("trips.acme.example".to_owned()),
            plan: None,
            placement: Placement {
                epoch: crate::Epoch(0),
                sql: Default::default(),
                objects: Default::default(),
            },
        }
    }

    fn host(host: &str, agrees: bool) {
        let policy = HostPolicy::new("app.example.com", ["localhost".to_owned(), "[::1]".to_owned()]);
        let hints = Hints {
            hosts: vec![host.to_owned()],
            tenants: vec![],
        };
        assert_eq!(hints.check(&policy, &acme()).is_ok(), agrees, "{host}");
    }

    #[test]
    fn hosts() {
        for agrees in [
            "app.example.com",
            "acme.app.example.com",
            "ACME.app.example.com:8443",
            "acme.app.example.com.",
            "trips.acme.example",
            "localhost:3000",
            "[::1]:3000",
            "[::1]",
        ] {
            host(agrees, true);
        }
        for disagrees in [
            "globex.app.example.com",
            "acme.evil.example",
            "acme.app.example.com.evil.example",
            "127.0.0.1",
            "xacme.app.example.com",
            "a.acme.app.example.com",
            "",
            "acme",
            "app.example.com:x",
        ] {
            host(disagrees, false);
        }
    }

    #[test]
    fn every_hint_must_agree() {
        let (policy, acme) = (HostPolicy::new("app.example.com", []), acme());
        let check = |tenants: &[&str]| {
            Hints {
                hosts: vec![],
                tenants: tenants.iter().map(|t| (*t).to_owned()).collect(),
            }
            .check(&policy, &acme)
        };
        let id = acme.id.to_string();
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&["acme", &id]), Ok(()));
        assert_eq!(check(&["acme", "globex"]), Err(Disagreement::Tenant));
        assert_eq!(check(&[""]), Err(Disagreement::Tenant));
        assert_eq!(check(&[&id.to_uppercase()]), Err(Disagreement::Tenant));
    }
}
