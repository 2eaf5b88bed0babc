//! `[service]`: who this service is to others, and whom it trusts.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error as _};
use tenancy_core::{PermissionNames, SecretRef, ServiceName, TenantId};

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
