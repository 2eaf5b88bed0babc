//! A file is an idea.

use crate::tidy::{finding::Finding, repository::Repository};

const MOST: usize = 400;

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let sources = [".rs", ".sql", ".sh"]
        .into_iter()
        .flat_map(|end| repository.ending(end));
    let long = sources.filter_map(|(path, text)| {
        let lines = text.lines().count();
        let remedy = format!("{lines} lines, and {MOST} are the most: make a file of each idea in it");
        (lines > MOST).then(|| Finding::new(path, 0, remedy))
    });
    long.collect()
}

#[cfg(test)]
mod tests {
    use super::super::{at, places};
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let (most, long) = ("\n".repeat(MOST), "\n".repeat(MOST + 1));
        let files = [
            ("a.rs", most.as_str()),
            ("b.rs", long.as_str()),
            ("c.sql", long.as_str()),
            ("d.md", &long),
        ];
        assert_eq!(places(check, &files), [at("b.rs", 0), at("c.sql", 0)]);
    }
}
