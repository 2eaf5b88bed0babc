//! Versions, edition and licence stand in one place: the workspace's `Cargo.toml`.

use toml::Value;

use crate::tidy::{
    finding::Finding,
    manifest::{KINDS, Manifest, inherited},
    repository::Repository,
};

const KEYS: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    repository
        .members()
        .flat_map(|member| keys(&member).chain(dependencies(&member)).collect::<Vec<_>>())
        .collect()
}

fn keys(member: &Manifest) -> impl Iterator<Item = Finding> {
    let package = member.table.get("package");
    let own = KEYS
        .into_iter()
        .filter(move |key| !inherited(package.and_then(|package| package.get(*key))));
    own.map(|key| {
        Finding::new(
            &member.path,
            member.line(key),
            format!("write `{key}.workspace = true`"),
        )
    })
}

fn dependencies(member: &Manifest) -> impl Iterator<Item = Finding> {
    let all = KINDS.into_iter().flat_map(|kind| member.dependencies(kind));
    let own = all.filter(|(_, value): &(&str, &Value)| !inherited(Some(value)));
    own.map(|(name, _)| {
        let remedy =
            format!("name the version of `{name}` in the workspace, and write `workspace = true` here");
        Finding::new(&member.path, member.line(name), remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    const PATH: &str = "crates/a/Cargo.toml";

    fn manifest(version: &str, dependency: &str) -> String {
        let keys = "edition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\n\
                    publish.workspace = true\n";
        format!("[package]\nname = \"a\"\n{version}\n{keys}[dev-dependencies]\n{dependency}\n")
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let shared = "version.workspace = true";
        let serde = "serde = { workspace = true, features = [] }";
        assert_eq!(places(check, &[(PATH, &manifest(shared, serde))]), []);
        assert_eq!(
            places(check, &[(PATH, &manifest("version = \"1.0.0\"", serde))]),
            [at(PATH, 3)]
        );
        assert_eq!(
            places(check, &[(PATH, &manifest(shared, "serde = \"1\""))]),
            [at(PATH, 9)]
        );
        assert_eq!(
            places(check, &[(PATH, &manifest(shared, "serde = { version = \"1\" }"))]),
            [at(PATH, 9)]
        );
    }
}
