//! What `deny.toml` says of other people's crates, checked without a tool that takes minutes to build: bans, licences
//! and sources. `cargo deny` reads the same file.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::tidy::{finding::Finding, repository::Repository};

const RULES: &str = "deny.toml";
const LOCK: &str = "Cargo.lock";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let Some(rules) = repository
        .files
        .get(RULES)
        .and_then(|text| text.parse::<Table>().ok())
    else {
        return vec![Finding::new(RULES, 0, "it is missing or is no TOML")];
    };
    let lock = repository.files.get(LOCK).map(String::as_str).unwrap_or_default();
    // cargo marks what it has listed before
    let lines = repository
        .dependencies
        .lines()
        .map(|line| line.trim_end_matches(" (*)"));
    let packages: BTreeSet<&str> = lines.filter(|line| !line.is_empty()).collect();
    let built: BTreeSet<&str> = packages
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let resolved = lock.parse::<Table>().unwrap_or_default();
    let having = having(&resolved, &built);
    let found = packages
        .into_iter()
        .flat_map(|line| package(line, &rules, &having));
    found.chain(sources(lock)).collect()
}

/// What is wrong with one line of cargo's tree.
fn package(line: &str, rules: &Table, having: &Having<'_>) -> Vec<Finding> {
    let (package, licence) = line.split_once(';').unwrap_or((line, ""));
    let name = package.split(' ').next().unwrap_or_default();
    let mut findings = vec![];
    if let Some(ban) = list(rules, "bans", "deny")
        .iter()
        .find(|ban| text(ban, "crate") == name && !wrapped(ban, having))
    {
        let remedy = format!(
            "`{name}` is banned ({}): leave out the feature that pulls it in",
            text(ban, "reason")
        );
        findings.push(Finding::new(LOCK, 0, remedy));
    }
    let allowed = list(rules, "licenses", "allow")
        .iter()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>();
    if !permits(licence, &allowed) {
        let remedy = format!("the licence of `{package}` is `{licence}`, which {RULES} does not allow");
        findings.push(Finding::new(LOCK, 0, remedy));
    }
    findings
}

/// Each crate with those that are built and depend on it.
type Having<'l> = BTreeMap<&'l str, Vec<&'l str>>;

/// The lock names what is not built, too.
fn having<'l>(lock: &'l Table, built: &BTreeSet<&str>) -> Having<'l> {
    let packages = lock.get("package").and_then(Value::as_array);
    let mut having = Having::new();
    for package in packages
        .into_iter()
        .flatten()
        .filter(|package| built.contains(text(package, "name")))
    {
        let dependencies = package.get("dependencies").and_then(Value::as_array);
        for dependency in dependencies.into_iter().flatten().filter_map(Value::as_str) {
            let name = dependency.split(' ').next().unwrap_or_default();
            having.entry(name).or_default().push(text(package, "name"));
        }
    }
    having
}

/// Whether the ban names who may have the crate, and nobody else has it.
fn wrapped(ban: &Value, having: &Having<'_>) -> bool {
    let Some(wrappers) = ban.get("wrappers").and_then(Value::as_array) else {
        return false;
    };
    let mut who = having.get(text(ban, "crate")).into_iter().flatten();
    who.all(|name| wrappers.iter().any(|wrapper| wrapper.as_str() == Some(name)))
}

fn list<'a>(rules: &'a Table, section: &str, key: &str) -> &'a [Value] {
    let value = rules.get(section).and_then(|section| section.get(key));
    value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Whether an SPDX expression can be met: one side of each `OR`, both of each `AND`, which binds tighter. An old `/`
/// means `OR`.
fn permits(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut words = words.as_slice();
    any(&mut words, allowed) && words.is_empty()
}

fn any(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut met = all(words, allowed);
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        met |= all(words, allowed);
    }
    met
}

fn all(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut met = one(words, allowed);
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut &[&str], allowed: &[&str]) -> bool {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let met = any(words, allowed);
            let closed = words.first() == Some(&")");
            *words = words.get(1..).unwrap_or_default();
            met && closed
        }
        [name, "WITH", exception, rest @ ..] => {
            *words = rest;
            allowed.contains(&format!("{name} WITH {exception}").as_str())
        }
        [name, rest @ ..] => {
            *words = rest;
            allowed.contains(name)
        }
        [] => false,
    }
}

/// Every package that is not ours comes from the registry.
fn sources(lock: &str) -> impl Iterator<Item = Finding> {
    let lines = (1..)
        .zip(lock.lines())
        .filter_map(|(at, line)| Some((at, line.strip_prefix("source = ")?)));
    // one registry serves all: a second one, or a repository, stands out
    let registry = lines
        .clone()
        .map(|(_, source)| source)
        .find(|source| source.starts_with("\"registry+"));
    let foreign = lines.filter(move |(_, source)| Some(*source) != registry);
    foreign.map(|(at, source)| {
        Finding::new(
            LOCK,
            at,
            format!("{source} is not the registry: use a published version"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENY: &str = "[bans]\ndeny = [{ crate = \"ring\", reason = \"one provider\" }]\n\
                        [licenses]\nallow = [\"MIT\", \"ISC\", \"Apache-2.0\"]\n";

    fn check_with(dependencies: &str, lock: &str) -> Vec<String> {
        let mut repository = Repository::of(&[(RULES, DENY), (LOCK, lock)]);
        repository.dependencies = dependencies.to_owned();
        check(&repository)
            .into_iter()
            .map(|finding| finding.remedy)
            .collect()
    }

    #[test]
    fn a_banned_crate_is_found_once() {
        let found = check_with("ring v0.17.0;ISC\nserde v1.0.0;MIT\n\nring v0.17.0;ISC (*)\n", "");
        assert_eq!(
            found,
            ["`ring` is banned (one provider): leave out the feature that pulls it in"]
        );
        assert!(check_with("ring-like v1.0.0;MIT", "").is_empty());
    }

    #[test]
    fn a_ban_may_name_who_has_the_crate() {
        let lock = "[[package]]\nname = \"rustls\"\ndependencies = [\"ring 0.17.0\", \"log\"]\n\
                    [[package]]\nname = \"quinn\"\ndependencies = [\"ring\"]\n";
        let lock: Table = lock.parse().unwrap();
        for (wrappers, built, expect) in [
            ("wrappers = [\"rustls\"]", &["rustls"][..], true),
            ("wrappers = [\"rustls\"]", &["rustls", "quinn"], false),
            ("wrappers = []", &["rustls"], false),
            ("", &["rustls"], false),
        ] {
            let ban: Table = format!("crate = \"ring\"\n{wrappers}").parse().unwrap();
            let having = having(&lock, &built.iter().copied().collect());
            assert_eq!(wrapped(&ban.into(), &having), expect, "{wrappers} {built:?}");
        }
    }

    #[test]
    fn a_foreign_source_is_found() {
        let lock = "source = \"registry+https://example.com/index\"\nsource = \"git+https://example.com/x#abc\"\nsource = \"registry+https://example.org/index\"\n";
        assert_eq!(check_with("", lock).len(), 2);
    }

    #[test]
    fn a_licence_expression_is_met_or_not() {
        let allowed = ["MIT", "ISC", "Apache-2.0"];
        for (expression, expect) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("", false),
            ("GPL-3.0 OR MIT", true),
            ("MIT/GPL-3.0", true),
            ("GPL-3.0 AND MIT", false),
            ("MIT OR Apache-2.0 AND GPL-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("(MIT OR Apache-2.0) AND ISC", true),
            ("Apache-2.0 WITH LLVM-exception", false),
            ("Apache-2.0 WITH LLVM-exception OR MIT", true),
            ("(MIT", false),
            ("MIT ISC", false),
        ] {
            assert_eq!(permits(expression, &allowed), expect, "{expression}");
        }
    }
}
