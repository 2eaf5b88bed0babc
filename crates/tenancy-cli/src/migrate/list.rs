//! Reads the list of a fleet's databases.

use std::path::Path;

use tenancy_control::Registry;
use tenancy_core::{SecretRef, registry::connect_options};
use tenancy_sql::fleet::FleetList;

use crate::failure::Failure;

/// TOML, or JSON when the file's name says so. What is wrong is said without the line, which may hold a secret that is in the
/// wrong place.
pub(super) fn read(path: &Path) -> Result<FleetList, Failure> {
    let wrong = |why: String| Failure::List(path.to_owned(), why);
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    if path.extension().is_some_and(|extension| extension == "json") {
        return serde_json::from_str(&text).map_err(|error| wrong(error.to_string()));
    }
    toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))
}

/// That the list has every place where the registry has a tenant: one that is missing would keep its old schema unseen. The
/// registry says where tenants are and not how to get there, so it can't be the list itself.
pub(super) async fn complete(list: &FleetList, registry: &SecretRef) -> Result<(), Failure> {
    let registry = Registry::connect(connect_options(&registry.reveal()?)?).await?;
    let places = registry.sql_locations().await;
    registry.close().await;
    let missing: Vec<String> = places?
        .iter()
        .filter(|place| !list.locations.contains_key(*place))
        .map(ToString::to_string)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Missing(missing.join(", ")))
}
