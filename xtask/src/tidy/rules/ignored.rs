//! A test that is not run says why.

use crate::tidy::{code::code, finding::Finding, repository::Repository};

const REMEDY: &str =
    "write `#[ignore = \"why\"]`; a missing service is no reason: such a test fails and says what to install";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let found = repository.ending(".rs").flat_map(|(path, text)| {
        let code = code(text);
        let lines = code
            .lines()
            .enumerate()
            .filter(|(_, line)| line.replace(' ', "").contains("#[ignore]"));
        lines
            .map(|(at, _)| Finding::new(path, at + 1, REMEDY))
            .collect::<Vec<_>>()
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    #[test]
    fn an_ignored_test_without_a_reason_is_found() {
        let text = "#[test]\n#[ignore]\nfn a() {}\n#[ignore = \"slow\"]\nfn b() {}\n// #[ignore]\n";
        assert_eq!(places(check, &[("a.rs", text)]), [at("a.rs", 2)]);
    }
}
