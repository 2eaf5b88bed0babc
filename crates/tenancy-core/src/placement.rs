//! Where a tenant's stores are.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::parsed_text::parsed_text;

/// Why a text is no name of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {rule}")]
pub struct ParseNameError {
    what: &'static str,
    rule: &'static str,
}

/// `[a-z0-9]`, then `[a-z0-9<extra>]`, then `[a-z0-9]`; `max` bytes at most.
fn dashed(text: &str, max: usize, extra: &[u8]) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    (1..=max).contains(&bytes.len())
        && bytes.first().copied().is_some_and(inner)
        && bytes.last().copied().is_some_and(inner)
        && bytes.iter().all(|&b| inner(b) || extra.contains(&b))
}

parsed_text! {
    /// A logical database: the name a service asks for (`core`, `social`, `insights`).
    DatabaseName, ParseNameError, |text| dashed(text, 32, b"_"), "a logical database",
    "1 to 32 characters of a-z, 0-9 and _"
}
parsed_text! {
    /// A logical object store: the name a service asks for (`uploads`).
    StoreName, ParseNameError, |text| dashed(text, 32, b"_"), "a logical object store",
    "1 to 32 characters of a-z, 0-9 and _"
}
parsed_text! {
    /// Names one physical database. A deployment's configuration says how to reach it; one that does not know the
    /// location does not serve the tenant.
    Location, ParseNameError, |text| dashed(text, 63, b"-."), "a location",
    "1 to 63 characters of a-z, 0-9, - and ."
}
parsed_text! {
    /// A bucket: 3 to 63 characters of `[a-z0-9-]`. No dots, which would make it a domain name.
    BucketName, ParseNameError, |text| text.len() >= 3 && dashed(text, 63, b"-"), "a bucket",
    "3 to 63 characters of a-z, 0-9 and -, with a letter or digit first and last"
}

/// Counts a tenant's moves. A greater epoch is newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How object keys are laid out in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyLayout {
    /// `{tenant_id}/{object_key}`: the bucket is shared.
    TenantPrefix,
    /// `{object_key}`: the bucket is the tenant's own.
    Dedicated,
}

/// Where one logical object store is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectsPlacement {
    /// The bucket.
    pub bucket: BucketName,
    /// How keys are laid out in it.
    pub layout: KeyLayout,
}

/// Where a tenant's stores are. Each move raises the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// How often the tenant was moved.
    pub epoch: Epoch,
    /// Where each logical database is. One that is missing is not part of the tenant's tier.
    #[serde(default)]
    pub sql: BTreeMap<DatabaseName, Location>,
    /// Where each logical object store is.
    #[serde(default)]
    pub objects: BTreeMap<StoreName, ObjectsPlacement>,
}
