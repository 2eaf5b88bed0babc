//! Which databases a fleet has.

use std::collections::BTreeMap;

use serde::Deserialize;
use tenancy_core::{Location, SecretRef};

use super::Pin;
use crate::RoleName;

/// Which databases a fleet has, in the shape of a service's configuration: `sql.locations` names each by a reference to its
/// URL, here the *owner's*.
///
/// ```
/// let list: tenancy_sql::fleet::FleetList = serde_json::from_str(r#"{
///     "sql": {
///         "runtime_role": "app",
///         "locations": { "cell-free-1.core": "file:/run/secrets/cell-free-1-owner" }
///     },
///     "pins": [{ "location": "cell-free-1.core", "version": 7, "reason": "frozen for the audit", "until": "2027-01-31" }]
/// }"#)?;
/// assert_eq!(list.pins.len(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FleetList {
    /// Where the URL of each database's owner is.
    pub locations: BTreeMap<Location, SecretRef>,
    /// The role that serves from each database, where it is not `runtime_role`.
    pub runtime_roles: BTreeMap<Location, RoleName>,
    /// The role that serves from the others.
    pub runtime_role: RoleName,
    /// Databases that are held at a version.
    pub pins: Vec<Pin>,
}

impl FleetList {
    /// A list without pins.
    #[must_use]
    pub fn new(locations: BTreeMap<Location, SecretRef>, runtime_role: RoleName) -> Self {
        Self {
            locations,
            runtime_roles: BTreeMap::new(),
            runtime_role,
            pins: Vec::new(),
        }
    }

    pub(super) fn role(&self, location: &Location) -> &RoleName {
        self.runtime_roles.get(location).unwrap_or(&self.runtime_role)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    sql: RawSql,
    #[serde(default)]
    pins: Vec<Pin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSql {
    locations: BTreeMap<Location, SecretRef>,
    runtime_role: String,
    #[serde(default)]
    runtime_roles: BTreeMap<Location, String>,
}

impl TryFrom<Raw> for FleetList {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let role = |text: &str| text.parse::<RoleName>().map_err(|error| error.to_string());
        let unknown = |location: &&Location| !raw.sql.locations.contains_key(*location);
        let named = raw.sql.runtime_roles.keys();
        let mut named = named.chain(raw.pins.iter().map(|pin| &pin.location));
        if let Some(location) = named.find(unknown) {
            return Err(format!("`{location}` is none of `sql.locations`"));
        }
        let roles = raw.sql.runtime_roles.into_iter();
        Ok(Self {
            runtime_role: role(&raw.sql.runtime_role)?,
            runtime_roles: roles
                .map(|(location, text)| Ok((location, role(&text)?)))
                .collect::<Result<_, String>>()?,
            locations: raw.sql.locations,
            pins: raw.pins,
        })
    }
}

impl<'de> Deserialize<'de> for FleetList {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Raw::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
