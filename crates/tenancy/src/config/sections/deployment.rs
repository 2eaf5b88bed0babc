//! `[deployment]`: whom it serves, and where it listens.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, de::Error as _};
use tenancy_core::{
    Deployment, HostPolicy, TenantId,
    http::{Network, TrustedProxies},
};

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
    #[serde(default, deserialize_with = "networks")]
    pub(crate) trusted_proxies: Vec<Network>,
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

fn networks<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(input)?;
    let parsed = texts.iter().map(|text| text.parse().map_err(D::Error::custom));
    parsed.collect()
}

fn request_timeout() -> u64 {
    30
}

impl DeploymentSection {
    pub(crate) fn deployment(&self) -> Deployment {
        match (self.mode, self.tenant) {
            (Mode::Pinned, Some(tenant)) => Deployment::Pinned(tenant),
            _ => Deployment::Shared,
        }
    }

    pub(crate) fn host_policy(&self) -> HostPolicy {
        HostPolicy::new(&self.domain, self.hosts.iter().cloned())
    }

    pub(crate) fn proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxies.iter().copied())
    }
}
