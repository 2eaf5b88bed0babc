//! Isolation mutants: each defence is taken out, one at a time, and the tests that should notice are run.
//!
//! # Flow
//!
//! 1. The checkout's files are copied into a folder of the cache, and built there, in a target folder of their own.
//! 2. Every test that a mutant names is run once as it is, and must pass: a red test proves nothing.
//! 3. One mutant at a time is written into the copy, built, and its tests are run. One of them must fail.
//!
//! # Guarantees
//!
//! - The checkout is only read: whatever ends the run leaves nothing in it.
//! - A mutant whose text is not there exactly once, that does not build, or that names a test that is not there is an
//!   error, and no kill.

mod build;
mod list;
mod mutant;
mod table;
mod tree;
mod trial;

use std::{collections::BTreeSet, process::ExitCode};

use self::{
    build::Programs,
    mutant::Mutant,
    table::{Row, Verdict},
    tree::Tree,
    trial::Outcome,
};

/// Runs the mutants whose name, defence or file contains one of `filters`, or all.
pub(crate) fn run(filters: &[&str]) -> ExitCode {
    match all(filters) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("mutants: {why}");
            ExitCode::from(2)
        }
    }
}

/// Whether none survives.
fn all(filters: &[&str]) -> Result<bool, String> {
    let mutants: Vec<Mutant> = list::read()?
        .into_iter()
        .filter(|it| filters.is_empty() || filters.iter().any(|filter| it.is_named(filter)))
        .collect();
    if mutants.is_empty() {
        return Err(format!("no mutant is called `{}`", filters.join("` or `")));
    }
    let mut tree = Tree::copy()?;
    // all of them, before any is built: a list that is stale is told of at once
    stale(mutants.iter().map(|mutant| mutant.texts(&tree).map(drop)))?;
    green(&tree, &mutants)?;
    let mut rows = Vec::with_capacity(mutants.len());
    for (at, mutant) in mutants.iter().enumerate() {
        let row = one(&mut tree, mutant)?;
        eprintln!("── {} of {}: {row}", at + 1, mutants.len());
        rows.push(row);
    }
    println!("{}", table::render(&rows));
    Ok(rows.iter().all(Row::is_killed))
}

/// Tells of everything that is wrong with the list.
fn stale(checks: impl Iterator<Item = Result<(), String>>) -> Result<(), String> {
    let wrong: Vec<String> = checks.filter_map(Result::err).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("the list is stale:\n{}", wrong.join("\n"))),
    }
}

/// Without a mutant every test is there and passes.
fn green(tree: &Tree, mutants: &[Mutant]) -> Result<(), String> {
    eprintln!("── build the tests as they are");
    let programs = Programs::build(tree)?.ok_or("the tests do not build as they are")?;
    let names: BTreeSet<&str> = mutants.iter().flat_map(Mutant::tests).collect();
    stale(mutants.iter().map(|mutant| programs.have(mutant)))?;
    eprintln!("── run {} of them", names.len());
    let names: Vec<&str> = names.into_iter().collect();
    match trial::run(&programs, &names)? {
        Outcome::Passed => Ok(()),
        Outcome::Failed(failed) => Err(format!("not green without a mutant: {}", failed.join(", "))),
        Outcome::Hung => Err("the tests hang without a mutant".to_owned()),
    }
}

fn one(tree: &mut Tree, mutant: &Mutant) -> Result<Row, String> {
    let start = std::time::Instant::now();
    for (file, text) in mutant.texts(tree)? {
        tree.write(&file, &text)?;
    }
    let verdict = match Programs::build(tree)? {
        None => Verdict::DoesNotBuild,
        Some(programs) => match trial::run(&programs, &mutant.tests().collect::<Vec<_>>())? {
            Outcome::Passed => Verdict::Survives,
            Outcome::Failed(tests) => Verdict::Killed(tests),
            Outcome::Hung => Verdict::Hangs,
        },
    };
    tree.restore()?;
    Ok(Row::new(mutant, verdict, start.elapsed()))
}
