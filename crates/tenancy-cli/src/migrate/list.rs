//! Reads the list of a fleet's databases.

use std::path::Path;

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
