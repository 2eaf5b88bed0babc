//! The rules of this code base that a program can check. Each is a pure function over the texts of the repository.

mod code;
mod finding;
mod manifest;
mod repository;
mod rules;

use std::{process::ExitCode, time::Instant};

use self::{finding::Finding, repository::Repository};
use crate::cargo::workspace;

/// Checks every rule and prints what breaks one: where, which rule, and the remedy.
pub(crate) fn run() -> ExitCode {
    let start = Instant::now();
    let repository = match Repository::read(&workspace()) {
        Ok(repository) => repository,
        Err(error) => {
            eprintln!("tidy can't read the repository: {error}");
            return ExitCode::FAILURE;
        }
    };
    let findings: Vec<Finding> = rules::ALL
        .iter()
        .flat_map(|(name, rule)| named(name, rule(&repository)))
        .collect();
    for finding in &findings {
        eprintln!("{finding}");
    }
    let (rules, files, time) = (
        rules::ALL.len(),
        repository.files.len(),
        start.elapsed().as_secs_f32(),
    );
    eprintln!(
        "tidy: {rules} rules, {files} files, {} findings, {time:.1} s",
        findings.len()
    );
    if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn named(rule: &'static str, findings: Vec<Finding>) -> impl Iterator<Item = Finding> {
    findings
        .into_iter()
        .map(move |finding| Finding { rule, ..finding })
}
