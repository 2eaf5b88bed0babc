//! The mutants, as data: a file for each place where a defence stands.

use serde::Deserialize;

use super::mutant::Mutant;

const FILES: [(&str, &str); 7] = [
    ("fence", include_str!("fence.toml")),
    ("apply", include_str!("apply.toml")),
    ("statement", include_str!("statement.toml")),
    ("session", include_str!("session.toml")),
    ("share", include_str!("share.toml")),
    ("seal", include_str!("seal.toml")),
    ("boot", include_str!("boot.toml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mutants: Vec<Mutant>,
}

/// All of them, in the order of the files.
pub(super) fn read() -> Result<Vec<Mutant>, String> {
    let mut mutants = Vec::new();
    for (name, text) in FILES {
        let file: File =
            toml::from_str(text).map_err(|error| format!("`list/{name}.toml`: {}", error.message()))?;
        mutants.extend(file.mutants);
    }
    Ok(mutants)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_mutant_has_a_name_of_its_own_and_tests_that_kill_it() {
        let all = read().unwrap();
        let names: BTreeSet<_> = all.iter().map(|mutant| &mutant.name).collect();
        assert_eq!(names.len(), all.len());
        for mutant in &all {
            assert!(mutant.tests().count() > 0, "{}", mutant.name);
        }
    }
}
