//! Says what is going on, and how long it took.

use std::{
    process::{Command, ExitCode},
    time::Instant,
};

/// Runs a command as a named phase, with its output as it comes. Its exit status becomes ours.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<(), ExitCode> {
    eprintln!("── {name}");
    let start = Instant::now();
    let status = command.status().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        eprintln!("can't run `{program}`: {error}");
        ExitCode::from(127)
    })?;
    let seconds = start.elapsed().as_secs_f32();
    if status.success() {
        eprintln!("── {name}: {seconds:.1} s");
        return Ok(());
    }
    eprintln!("── {name}: failed after {seconds:.1} s ({status})");
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Err(ExitCode::from(code.unwrap_or(1)))
}

/// The exit code of phases that were run in a row.
pub(crate) fn finish(outcome: Result<(), ExitCode>) -> ExitCode {
    outcome.err().unwrap_or(ExitCode::SUCCESS)
}
