//! Builds the copy's tests.

use std::{path::PathBuf, process::Command};

use serde::Deserialize;

use super::{mutant::Mutant, tree::Tree};
use crate::cargo::{cargo, services};

/// Whose tests are built. Not the workspace's, as elsewhere: what is built of it beside these takes longer than the tests, and
/// the target folder is used for nothing else, so that nothing is built twice for it.
const PACKAGES: [&str; 2] = ["tenancy-core", "tenancy-sql"];

/// A program of tests, and what is in it.
pub(super) struct Program {
    executable: PathBuf,
    package: PathBuf,
    tests: Vec<String>,
}

/// All of them.
pub(super) struct Programs(Vec<Program>);

/// A line of cargo's.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

impl Programs {
    /// Builds the copy as it is now. `None` when it does not build; cargo has said why then.
    pub(super) fn build(tree: &Tree) -> Result<Option<Self>, String> {
        let mut command = cargo(&["test", "--lib", "--test", "it", "--no-run", "--quiet"]);
        command
            .args(PACKAGES.map(|package| format!("--package={package}")))
            .arg("--message-format=json-render-diagnostics")
            .current_dir(tree.folder())
            .env("CARGO_TARGET_DIR", tree.target());
        let output = command
            .output()
            .map_err(|error| format!("can't run cargo: {error}"))?;
        if !output.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            return Ok(None);
        }
        let lines = String::from_utf8_lossy(&output.stdout);
        let programs = lines.lines().filter_map(program);
        programs.collect::<Result<Vec<_>, _>>().map(|all| Some(Self(all)))
    }

    /// Whether each of the mutant's tests is somewhere.
    pub(super) fn have(&self, mutant: &Mutant) -> Result<(), String> {
        let mut missing = mutant.tests().filter(|name| self.with(&[name]).next().is_none());
        missing.next().map_or(Ok(()), |name| {
            Err(format!("`{}`: no test is called `{name}`", mutant.name))
        })
    }

    /// The programs that have a test whose name contains one of these.
    pub(super) fn with<'p>(&'p self, names: &'p [&'p str]) -> impl Iterator<Item = &'p Program> {
        let has = |program: &&Program| {
            let mut tests = program.tests.iter();
            tests.any(|test| names.iter().any(|name| test.contains(name)))
        };
        self.0.iter().filter(has)
    }
}

impl Program {
    /// The program, run as cargo does.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command
            .current_dir(&self.package)
            .env("CARGO_MANIFEST_DIR", &self.package);
        services(&mut command);
        command
    }
}

fn program(line: &str) -> Option<Result<Program, String>> {
    let message: Message = serde_json::from_str(line).ok()?;
    let executable = message.executable?;
    let package = message.manifest_path?.parent()?.to_owned();
    message.profile.is_some_and(|profile| profile.test).then(|| {
        let mut program = Program {
            executable,
            package,
            tests: Vec::new(),
        };
        let listed = program.command().args(["--list", "--format", "terse"]).output();
        let listed = listed.map_err(|error| format!("can't list tests: {error}"))?;
        let lines = String::from_utf8_lossy(&listed.stdout);
        let names = lines.lines().filter_map(|line| line.strip_suffix(": test"));
        program.tests = names.map(str::to_owned).collect();
        Ok(program)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_about_something_else_is_no_program() {
        for line in [
            "",
            r#"{"reason":"build-finished","success":true}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/a/Cargo.toml","profile":{"test":false},"executable":"/a/b"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/a/Cargo.toml","profile":{"test":true},"executable":null}"#,
        ] {
            assert!(program(line).is_none(), "{line}");
        }
    }
}
