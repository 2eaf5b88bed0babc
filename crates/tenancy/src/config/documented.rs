//! Every key of a configuration stands in the table of the README.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{Config, load::typed};

/// A key that no section has: the refusal names those that it has.
const STRAY: &str = "no-such-key";

/// A configuration with a stray key in the section at `path`.
fn with_stray(path: &[String]) -> Table {
    let stray = Table::from_iter([(STRAY.to_owned(), Value::Boolean(true))]);
    path.iter().rev().fold(stray, |inner, key| {
        Table::from_iter([(key.clone(), Value::Table(inner))])
    })
}

/// The keys of the section at `path`; none when it is no section.
fn keys(path: &[String]) -> Vec<String> {
    let refusal = typed::<Config>(with_stray(path)).unwrap_err().to_string();
    let Some((_, expected)) = refusal.split_once(&format!("unknown field `{STRAY}`, expected ")) else {
        return Vec::new();
    };
    let names = expected.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

/// A name that an adopter gives.
const GIVEN: &str = "given";

/// Every key below `path`, with its sections.
fn all(path: &[String], found: &mut BTreeSet<String>) {
    let named = [path, &[GIVEN.to_owned()]].concat();
    let (path, keys) = match keys(path) {
        none if none.is_empty() => (named.as_slice(), keys(&named)),
        some => (path, some),
    };
    if let (true, Some((_, key))) = (keys.is_empty(), path.split_last()) {
        let key = key.join(".");
        // every tier's plan has the same keys
        let tier = ["plans.free.", "plans.standard.", "plans.enterprise."];
        let in_plan = tier.iter().find_map(|tier| key.strip_prefix(tier));
        found.insert(in_plan.map_or(key.clone(), |inner| format!("plans.{GIVEN}.{inner}")));
    }
    for key in keys {
        all(&[path, &[key]].concat(), found);
    }
}

/// The keys in the README's table, with every name that an adopter gives replaced, and left out at the end.
fn documented() -> BTreeSet<String> {
    let readme = include_str!("../../README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    let keys = rows.filter_map(|row| row.split_once('`').map(|(key, _)| key));
    let given = |part: &str| {
        if part.starts_with('<') {
            GIVEN.to_owned()
        } else {
            part.to_owned()
        }
    };
    let keys = keys.map(|key| key.split('.').map(given).collect::<Vec<_>>().join("."));
    keys.map(|key| key.strip_suffix(".given").unwrap_or(&key).to_owned())
        .collect()
}

#[test]
fn every_key_is_documented_and_every_documented_key_is_one() {
    let mut found = BTreeSet::new();
    all(&[], &mut found);
    assert!(
        found.contains("deployment.listen") && found.contains("resolution.host"),
        "{found:?}"
    );
    assert_eq!(found, documented());
}
