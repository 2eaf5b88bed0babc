//! `[service]`: who this service is to others, and whom it trusts.

use std::{collections::BTreeMap, net::IpAddr};

use axum::http::Uri;
use serde::{Deserialize, Deserializer, de::Error as _};
use tenancy_core::{PermissionNames, SecretRef, ServiceName, TenantId};

use crate::config::ConfigError;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceSection {
    pub(crate) name: ServiceName,
    #[serde(default)]
    pub(crate) keys: Vec<SecretRef>,
    #[serde(default = "none", deserialize_with = "permissions")]
    pub(crate) permissions: PermissionNames,
    #[serde(default)]
    pub(crate) trusted: BTreeMap<ServiceName, TrustedSection>,
    pub(crate) operators: Option<OperatorsSection>,
    pub(crate) redis: Option<SecretRef>,
    #[serde(default)]
    pub(crate) peers: BTreeMap<ServiceName, String>,
    #[serde(default)]
    pub(crate) peer_transport: PeerTransport,
}

/// What keeps calls to peers, and the users' tokens in them, from being read on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PeerTransport {
    /// The client's own TLS: nothing goes in clear text beyond this machine.
    #[default]
    Https,
    /// A mesh that encrypts between the machines: addresses may be `http`.
    Mesh,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustedSection {
    pub(crate) keys: String,
    pub(crate) tenants: Option<Vec<TenantId>>,
    #[serde(default = "none", deserialize_with = "permissions")]
    pub(crate) permissions: PermissionNames,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorsSection {
    pub(crate) issuer: ServiceName,
    pub(crate) keys: String,
    #[serde(default = "hour")]
    pub(crate) longest_minutes: u64,
}

impl ServiceSection {
    /// Refuses a peer that is no address, and one that users' tokens would reach in clear text.
    pub(crate) fn check_peers(&self) -> Result<(), ConfigError> {
        for (name, text) in &self.peers {
            let key = format!("service.peers.{name}");
            let refuse = |problem: String| Err(ConfigError::key(key, problem));
            let Some((scheme, host)) = address(text) else {
                return refuse(
                    "no address such as `https://host:8080`, without user and password".to_owned(),
                );
            };
            match (scheme.as_str(), self.peer_transport) {
                ("https", _) | ("http", PeerTransport::Mesh) => {}
                ("http", PeerTransport::Https) if is_loopback(&host) => {}
                _ => return refuse(exposed(&scheme, &host)),
            }
        }
        Ok(())
    }
}

/// What an address may be instead.
fn exposed(scheme: &str, host: &str) -> String {
    format!(
        "`{scheme}://{host}` would send users' tokens in clear text; allowed are `https` and, on loopback, `http`; where a \
         mesh encrypts, set `service.peer_transport` to `mesh`: allowed are `https` and `mesh`"
    )
}

/// The scheme and host of an address that holds no secret.
fn address(text: &str) -> Option<(String, String)> {
    let uri: Uri = text.parse().ok()?;
    let authority = uri
        .authority()
        .filter(|authority| !authority.as_str().contains('@'))?;
    Some((
        uri.scheme_str()?.to_ascii_lowercase(),
        authority.host().to_owned(),
    ))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn hour() -> u64 {
    60
}

fn none() -> PermissionNames {
    PermissionNames::default()
}

fn permissions<'de, D: Deserializer<'de>>(input: D) -> Result<PermissionNames, D::Error> {
    let names = Vec::<String>::deserialize(input)?;
    PermissionNames::parse(names.iter().map(String::as_str)).map_err(D::Error::custom)
}
