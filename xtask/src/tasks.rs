//! The tasks that build and run something.

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use crate::{
    cache,
    cargo::{cargo, services, workspace},
    claim::claim,
    phase::{finish, run},
};

/// All tests, or those that `rest` names: a name filter, then what goes to the test programs after `--`.
pub(crate) fn test(rest: &[&str]) -> ExitCode {
    let build = || {
        run(
            "build the tests",
            &mut cargo(&["test", "--workspace", "--no-run"]),
        )
    };
    let tests = || {
        run(
            "run the tests",
            cargo(&["test", "--workspace", "--no-fail-fast"]).args(rest),
        )
    };
    finish(claim().and_then(|()| build()).and_then(|()| tests()))
}

/// The demo's program with these arguments. It takes this process's place, so that Ctrl-C and its exit status are its
/// own, and nobody returns to the prompt before it has cleaned up.
pub(crate) fn demo(arguments: &[&str]) -> ExitCode {
    let build = || {
        run(
            "build the demo",
            &mut cargo(&["build", "--workspace", "--bin", "demo"]),
        )
    };
    if let Err(code) = claim().and_then(|()| build()) {
        return code;
    }
    let program = cache::target().join("debug/demo");
    let mut command = Command::new(&program);
    command.args(arguments).current_dir(workspace());
    services(&mut command);
    let error = command.exec();
    eprintln!("can't run `{}`: {error}", program.display());
    ExitCode::from(127)
}

/// One benchmark, optimised. With `--json` standard output is its one array.
pub(crate) fn bench(name: &str, rest: &[&str]) -> ExitCode {
    let words = ["bench", "--workspace", "--bench", name, "--"];
    let bench = || run(&format!("bench {name}"), cargo(&words).args(rest));
    finish(claim().and_then(|()| bench()))
}

/// Tests of a build with both of jsonwebtoken's providers, which is a workspace of its own: what it switches on must reach
/// no other build. Resolves and builds some hundred crates when it runs for the first time.
pub(crate) fn providers() -> ExitCode {
    let mut command = cargo(&["test"]);
    command.current_dir(workspace().join("tests/both_providers"));
    command.env("CARGO_TARGET_DIR", cache::target().join("both_providers"));
    finish(run("test both providers", &mut command))
}
