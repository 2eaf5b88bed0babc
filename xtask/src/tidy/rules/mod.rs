//! One rule a file.

mod dependencies;
mod file_size;
mod folder_name;
mod ignored;
mod inherited;
mod invariants;
mod layering;
mod library;
mod lints;
mod sql_text;
mod tiers;
mod trust;

use super::{finding::Finding, repository::Repository};

/// A rule: what in these texts breaks it.
pub(crate) type Rule = fn(&Repository) -> Vec<Finding>;

/// Every rule, with its name.
pub(crate) const ALL: [(&str, Rule); 12] = [
    ("layering", layering::check),
    ("folder-name", folder_name::check),
    ("lints", lints::check),
    ("inherited", inherited::check),
    ("dependencies", dependencies::check),
    ("file-size", file_size::check),
    ("library", library::check),
    ("trust", trust::check),
    ("sql-text", sql_text::check),
    ("tiers", tiers::check),
    ("ignored", ignored::check),
    ("invariants", invariants::check),
];

/// For tests: the files and lines of what breaks a rule.
#[cfg(test)]
fn places(rule: Rule, files: &[(&str, &str)]) -> Vec<(String, usize)> {
    let findings = rule(&Repository::of(files));
    findings
        .into_iter()
        .map(|finding| (finding.file, finding.line))
        .collect()
}

/// For tests: one place.
#[cfg(test)]
fn at(file: &str, line: usize) -> (String, usize) {
    (file.to_owned(), line)
}
