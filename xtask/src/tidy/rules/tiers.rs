//! A service does not know of tiers.

use crate::tidy::{finding::Finding, repository::Repository};

const SERVICES: [&str; 3] = [
    "examples/trips/itineraries/",
    "examples/trips/social/",
    "examples/trips/paging/",
];
const REMEDY: &str =
    "a service knows nothing of `Tier`: ask the context for a feature (`ctx.require`) or a store";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let all = SERVICES.into_iter().flat_map(|folder| {
        repository
            .files
            .iter()
            .filter(move |(path, _)| path.starts_with(folder))
    });
    let found = all.flat_map(|(path, text)| {
        let lines = text.lines().enumerate().filter(|(_, line)| line.contains("Tier"));
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
    fn a_service_that_knows_tiers_is_found() {
        let path = "examples/trips/social/src/like.rs";
        assert_eq!(
            places(
                check,
                &[
                    (path, "\n/// On each Tier.\n"),
                    ("examples/trips/demo/a.rs", "Tier")
                ]
            ),
            [at(path, 2)]
        );
    }
}
