//! What happens, on the standard error: a bar on a terminal, lines elsewhere.

use std::io::{self, IsTerminal, Write};

use tenancy_sql::fleet::{Event, Outcome};

const WIDTH: usize = 30;

pub(super) struct Progress {
    terminal: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
        }
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        let Some(line) = line(event) else { return };
        let mut to = io::stderr().lock();
        // nobody is there to read it: the run goes on
        let _ = match bar(event).filter(|_| self.terminal) {
            // a failure stays to be read, above the bar
            Some(bar) if failed(event) => write!(to, "\r\x1b[K{line}\n{bar}"),
            Some(bar) => write!(to, "\r\x1b[K{bar}"),
            None if self.terminal => write!(to, "\r\x1b[K{line}\n"),
            None => writeln!(to, "{line}"),
        };
        let _ = to.flush();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            eprintln!();
        }
    }
}

fn failed(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Database {
            outcome: Outcome::Failed(_),
            ..
        }
    )
}

fn bar(event: &Event<'_>) -> Option<String> {
    let Event::Database {
        ended, of, location, ..
    } = event
    else {
        return None;
    };
    let full = WIDTH * ended / (*of).max(1);
    Some(format!("[{:<WIDTH$}] {ended}/{of} {location}", "#".repeat(full)))
}

fn line(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Wave {
            number,
            of,
            databases,
            ..
        } => format!("wave {number} of {of}: {databases} databases"),
        Event::Database {
            location,
            outcome,
            ended,
            of,
            ..
        } => {
            let how = match outcome {
                Outcome::Failed(failure) => format!("failed: {failure}"),
                Outcome::Done(done) if done.applied.is_empty() => "nothing to do".to_owned(),
                Outcome::Done(done) => format!("{} applied in {} ms", done.applied.len(), done.millis),
            };
            format!("{ended}/{of} {location}: {how}")
        }
        _ => return None,
    })
}
