//! Runs tests by name, for a bounded time.

use std::{
    io::Read,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::build::Programs;

/// How long one program of tests may take. A mutant can take the end of a wait out.
const PATIENCE: Duration = Duration::from_secs(300);
const TICK: Duration = Duration::from_millis(20);

/// What came of tests.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    /// Those that failed.
    Failed(Vec<String>),
    /// They did not end in time.
    Hung,
}

/// Runs the tests whose name contains one of these.
pub(super) fn run(programs: &Programs, names: &[&str]) -> Result<Outcome, String> {
    let (mut failed, mut hung) = (Vec::new(), false);
    for program in programs.with(names) {
        let mut command = program.command();
        command
            .args(names)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let child = command
            .spawn()
            .map_err(|error| format!("can't run tests: {error}"))?;
        match judge(child)? {
            Outcome::Passed => {}
            Outcome::Failed(tests) => failed.extend(tests),
            Outcome::Hung => hung = true,
        }
    }
    Ok(match (failed.is_empty(), hung) {
        (false, _) => Outcome::Failed(failed),
        (true, true) => Outcome::Hung,
        (true, false) => Outcome::Passed,
    })
}

fn judge(mut child: Child) -> Result<Outcome, String> {
    let mut pipe = child.stdout.take().ok_or("the tests have no output")?;
    // read beside it, as it would wait with a full pipe
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        let _ = pipe.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    let until = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break Some(status),
            None if Instant::now() >= until => break None,
            None => thread::sleep(TICK),
        }
    };
    let Some(status) = status else {
        child
            .kill()
            .and_then(|()| child.wait())
            .map_err(|error| error.to_string())?;
        return Ok(Outcome::Hung);
    };
    let said = reader.join().map_err(|_| "the tests can't be read".to_owned())?;
    if status.success() {
        return Ok(Outcome::Passed);
    }
    Ok(Outcome::Failed(match failures(&said) {
        none if none.is_empty() => vec![format!("the program of tests itself ({status})")],
        some => some,
    }))
}

/// The names in `test NAME ... FAILED`.
fn failures(said: &str) -> Vec<String> {
    let names = said.lines().filter_map(|line| {
        let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
        Some(name.to_owned())
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn check(script: &str, expect: Outcome) {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdout(Stdio::piped());
        assert_eq!(judge(shell.spawn().unwrap()).unwrap(), expect, "{script}");
    }

    #[test]
    fn tests_that_failed_are_named() {
        check("echo 'test a::b ... ok'", Outcome::Passed);
        check(
            "echo 'test a::b ... FAILED'; echo 'test c ... ok'; exit 101",
            Outcome::Failed(vec!["a::b".to_owned()]),
        );
        check(
            "kill -9 $$",
            Outcome::Failed(vec![
                "the program of tests itself (signal: 9 (SIGKILL))".to_owned(),
            ]),
        );
    }
}
