//! Every crate is held to the workspace's lints.

use crate::tidy::{finding::Finding, manifest::inherited, repository::Repository};

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let members = repository
        .members()
        .filter(|member| !inherited(member.table.get("lints")));
    let finding = |member: crate::tidy::manifest::Manifest| {
        Finding::new(
            &member.path,
            member.line("[lints]"),
            "write `[lints]` and `workspace = true`",
        )
    };
    members.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    #[test]
    fn a_crate_with_lints_of_its_own_is_found() {
        let path = "crates/a/Cargo.toml";
        let package = "[package]\nname = \"a\"\n";
        assert_eq!(places(check, &[(path, package)]), [at(path, 0)]);
        let own = format!("{package}[lints.rust]\nunsafe_code = \"allow\"\n");
        assert_eq!(places(check, &[(path, &own)]), [at(path, 0)]);
        let shared = format!("{package}[lints]\nworkspace = true\n");
        assert_eq!(places(check, &[(path, &shared)]), []);
    }
}
