//! What is going on, on the standard error: a bar on a terminal, a line for each step elsewhere.

use std::{
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

use tenancy_sql::rls::Event;

use super::show::plain;

/// Characters of the bar.
const WIDTH: u64 = 30;
/// Between two pictures of the bar, and between two lines where there is none.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

pub(super) struct Progress {
    terminal: bool,
    drawn: Option<Instant>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            terminal: stderr().is_terminal(),
            drawn: None,
        }
    }

    pub(super) fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::Started { step, at, of } => {
                let line = format!("[{at}/{of}] {} {}: {}", step.phase, step.object, step.why);
                self.line(&line, !self.terminal);
            }
            Event::Filled {
                table,
                done,
                total,
                rows,
            } => {
                let pause = if self.terminal { PAUSE.0 } else { PAUSE.1 };
                if done == total || self.drawn.is_none_or(|at| at.elapsed() >= pause) {
                    self.drawn = Some(Instant::now());
                    self.line(&filled(table, *done, *total, *rows), !self.terminal);
                }
            }
            Event::Retried { step, attempt } => {
                self.line(
                    &format!("{}: the lock was not had, try {attempt}", step.object),
                    true,
                );
            }
            _ => {}
        }
    }

    /// The last picture gives way to what comes after.
    pub(super) fn end(&mut self) {
        self.line("", false);
    }

    /// Over the one before on a terminal, unless it is to stay. A terminal that is gone stops nothing.
    fn line(&self, text: &str, stays: bool) {
        let clear = if self.terminal { "\r\x1b[K" } else { "" };
        let end = if stays { "\n" } else { "" };
        if self.terminal || stays {
            let _ = write!(stderr(), "{clear}{}{end}", plain(text));
            let _ = stderr().flush();
        }
    }
}

fn filled(table: &str, done: u64, total: u64, rows: u64) -> String {
    let full = (done * WIDTH).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    let percent = (done * 100).checked_div(total).unwrap_or(100);
    let bar = |mark: &str, count: u64| mark.repeat(usize::try_from(count).unwrap_or_default());
    format!(
        "{table} [{}{}] {percent}%, {rows} rows",
        bar("#", full),
        bar(".", WIDTH - full)
    )
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn the_bar_of_a_table() {
        for (done, total, expect) in [
            (0, 10, "t [..............................] 0%, 7 rows"),
            (5, 10, "t [###############...............] 50%, 7 rows"),
            (0, 0, "t [##############################] 100%, 7 rows"),
        ] {
            assert_eq!(filled("t", done, total, 7), expect);
        }
    }
}
