//! A crate is called as its folder.

use crate::tidy::{finding::Finding, repository::Repository};

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let members = repository.members().filter_map(|member| {
        let folder = member.path.rsplit('/').nth(1)?.to_owned();
        let remedy = format!(
            "the folder is `{folder}`, the package `{}`: give both one name",
            member.name()
        );
        (folder != member.name()).then(|| Finding::new(&member.path, member.line("name"), remedy))
    });
    members.collect()
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    #[test]
    fn a_folder_of_another_name_is_found() {
        let text = "[package]\nname = \"tenancy-sql\"\n";
        assert_eq!(
            places(check, &[("crates/sql/Cargo.toml", text)]),
            [at("crates/sql/Cargo.toml", 2)]
        );
        assert_eq!(places(check, &[("crates/tenancy-sql/Cargo.toml", text)]), []);
    }
}
