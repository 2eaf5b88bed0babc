//! Byte for byte what Python's google-cloud-storage makes: `tests/v4/vectors.py`.

use serde::Deserialize;
use std::{collections::BTreeMap, time::Duration};

use super::*;
use crate::signed::key_file::KeyFile;

#[derive(Deserialize)]
struct Vectors {
    key_file: serde_json::Value,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    what: String,
    method: String,
    endpoint: String,
    bucket: String,
    object: String,
    headers: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    at: Timestamp,
    seconds: u64,
    url: String,
}

/// The same texts, with a life as long as the program's, in another order: it must not matter.
fn named(pairs: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    let leaked = pairs
        .iter()
        .map(|(name, value)| (&*name.clone().leak(), value.clone()));
    leaked.rev().collect()
}

fn check(case: &Case, key: &KeyFile) {
    let draft = Draft {
        method: case.method.clone().leak(),
        endpoint: &case.endpoint.parse().unwrap(),
        bucket: &case.bucket,
        object: &case.object,
        headers: &named(&case.headers),
        query: &named(&case.query),
        account: &key.account,
        at: case.at,
        lifetime: Duration::from_secs(case.seconds).try_into().unwrap(),
    };
    let unsigned = draft.unsigned();
    let signature = key.sign(&unsigned.message).unwrap();
    assert_eq!(unsigned.with(&signature), case.url, "{}", case.what);
}

#[test]
fn urls_are_byte_equal_to_another_implementations() {
    let vectors: Vectors = serde_json::from_str(include_str!("../../tests/v4/vectors.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.json");
    std::fs::write(&file, vectors.key_file.to_string()).unwrap();
    let key = KeyFile::read(&tenancy_core::SecretRef::File(file)).unwrap();
    assert!(vectors.cases.len() >= 20);
    for case in &vectors.cases {
        check(case, &key);
    }
}
