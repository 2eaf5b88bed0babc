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
    /// A logical store of objects or documents, or a graph: the name a service asks for (`uploads`).
    StoreName, ParseNameError, |text| dashed(text, 32, b"_"), "a logical store",
    "1 to 32 characters of a-z, 0-9 and _"
}
parsed_text! {
    /// Names one physical database, or one instance that holds graphs. A deployment's configuration says how to reach it; one that does not know the
    /// location does not serve the tenant.
    Location, ParseNameError, |text| dashed(text, 63, b"-."), "a location",
    "1 to 63 characters of a-z, 0-9, - and ."
}
parsed_text! {
    /// A bucket: 3 to 63 characters of `[a-z0-9-]`. No dots, which would make it a domain name.
    BucketName, ParseNameError, |text| text.len() >= 3 && dashed(text, 63, b"-"), "a bucket",
    "3 to 63 characters of a-z, 0-9 and -, with a letter or digit first and last"
}

parsed_text! {
    /// A project of the cloud: 6 to 30 characters of `[a-z0-9-]`, a letter first, no hyphen last.
    ProjectId, ParseNameError,
    |text| text.len() >= 6 && lettered(text, 30), "a project",
    "6 to 30 characters of a-z, 0-9 and -, with a letter first and no hyphen last"
}
parsed_text! {
    /// A Firestore database: `(default)`, or 4 to 63 characters of `[a-z0-9-]`, a letter first, no hyphen last.
    DocumentDatabase, ParseNameError,
    |text| text == "(default)" || text.len() >= 4 && lettered(text, 63), "a document database",
    "`(default)`, or 4 to 63 characters of a-z, 0-9 and -, with a letter first and no hyphen last"
}
parsed_text! {
    /// A database of a Neo4j instance: 3 to 63 characters of `[a-z0-9.-]`, a letter first. `system` is none to store in.
    GraphDatabase, ParseNameError,
    |text| text.len() >= 3 && text.starts_with(|first: char| first.is_ascii_lowercase())
        && dashed(text, 63, b"-.") && text != "system",
    "a graph database",
    "3 to 63 characters of a-z, 0-9, . and -, with a letter first, a letter or digit last, and not `system`"
}

/// As [`dashed`], with a letter first.
fn lettered(text: &str, max: usize) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase()) && dashed(text, max, b"-")
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

/// How the documents of a tenant are laid out in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentLayout {
    /// `tenants/{tenant_id}/{collection}/{document}`: the database is shared, and each tenant has one root in it.
    TenantRoot,
    /// `{collection}/{tenant_id}/documents/{document}`: the database is shared, and each collection has a root for each tenant.
    CollectionRoot,
    /// `{collection}/{document}`: the database is the tenant's own.
    Dedicated,
}

/// Where one logical document store is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentsPlacement {
    /// The project that has the database.
    pub project: ProjectId,
    /// The database.
    pub database: DocumentDatabase,
    /// How documents are laid out in it.
    pub layout: DocumentLayout,
}

/// Where one logical graph is. Each is a tenant's own: an instance, or a database of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphPlacement {
    /// The instance.
    pub instance: Location,
    /// The database in it; the instance's default one when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<GraphDatabase>,
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
    /// Where each logical document store is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub documents: BTreeMap<StoreName, DocumentsPlacement>,
    /// Where each logical graph is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub graph: BTreeMap<StoreName, GraphPlacement>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: std::str::FromStr>(legal: &[&str], others: &[&str]) {
        for text in legal {
            assert!(text.parse::<T>().is_ok(), "{text}");
        }
        for text in others {
            assert!(text.parse::<T>().is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_those_that_the_cloud_allows() {
        check::<ProjectId>(
            &["demo-x", "acme-prod-1", "a23456789012345678901234567890"],
            &[
                "short",
                "1demo-x",
                "demo-x-",
                "Demo-x",
                "demo_x",
                "a/b-c-d",
                "a234567890123456789012345678901",
            ],
        );
        check::<DocumentDatabase>(
            &["(default)", "acme-firestore", "abcd"],
            &[
                "default)",
                "(other)",
                "abc",
                "4cme-firestore",
                "acme/firestore",
                "acme..x",
                "",
            ],
        );
        check::<GraphDatabase>(
            &["neo4j", "acme.graph", "acme-graph"],
            &[
                "system", "ab", "1neo", ".neo4j", "neo4j.", "neo4j;", "neo 4j", "Neo4j",
            ],
        );
    }

    #[test]
    fn a_record_of_before_has_neither_documents_nor_graphs() {
        let text = r#"{"epoch":3,"sql":{},"objects":{}}"#;
        let placement: Placement = serde_json::from_str(text).unwrap();
        assert!(placement.documents.is_empty() && placement.graph.is_empty());
        assert_eq!(serde_json::to_string(&placement).unwrap(), text, "and is told so");
    }
}
