//! What a person sees.

use std::{
    io::{IsTerminal, Write, stdout},
    time::Duration,
};

use crate::world::Progress;

/// The terminal, and how many steps were as they should be.
#[derive(Debug)]
pub struct Screen {
    color: bool,
    right: usize,
    wrong: Vec<String>,
}

const GREEN: &str = "32";
const RED: &str = "31";
const BOLD: &str = "1";
const DIM: &str = "2";
/// Where the second column begins.
const COLUMN: usize = 78;

impl Default for Screen {
    /// Colours on a terminal that wants them, plain text else.
    fn default() -> Self {
        let color = stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            color,
            right: 0,
            wrong: Vec::new(),
        }
    }
}

impl Screen {
    /// A heading.
    pub fn chapter(&mut self, title: &str) {
        let title = self.paint(BOLD, title);
        self.line(&format!("\n{title}"));
    }

    /// A sentence.
    pub fn note(&mut self, text: &str) {
        let text = self.paint(DIM, text);
        self.line(&format!("  {text}"));
    }

    /// A line as it is.
    pub fn line(&mut self, text: &str) {
        // whoever closed the output does not read on
        let _ = writeln!(stdout(), "{text}");
    }

    /// How far the setting up is.
    pub fn progress(&mut self, progress: Progress) {
        let terminal = stdout().is_terminal();
        match progress {
            Progress::Begins(what) if terminal => {
                let _ = write!(stdout(), "  … {what}").and_then(|()| stdout().flush());
            }
            Progress::Begins(what) => self.line(&format!("  … {what}")),
            Progress::Done { what, took } => {
                let clear = if terminal { "\r\x1b[2K" } else { "" };
                let mark = self.paint(GREEN, "✓");
                let (what, took) = (pad(&what), self.paint(DIM, &seconds(took)));
                self.line(&format!("{clear}  {mark} {what} {took}"));
            }
        }
    }

    /// A step that was as it should be; `how` says more.
    pub fn right(&mut self, what: &str, outcome: &str, how: Option<&str>) {
        self.right += 1;
        let (mark, what) = (self.paint(GREEN, "✓"), pad(what));
        let how = how
            .map(|how| self.paint(DIM, &format!(" ({})", short(how))))
            .unwrap_or_default();
        self.line(&format!("  {mark} {what} {outcome}{how}"));
    }

    /// A step that was not.
    pub fn wrong(&mut self, what: &str, outcome: &str, problem: &str) {
        self.wrong.push(format!("{what}: {outcome}: {problem}"));
        let mark = self.paint(RED, "✗");
        let problem = self.paint(RED, problem);
        self.line(&format!("  {mark} {} {outcome} {problem}", pad(what)));
    }

    /// The sum of it. Whether all was as it should be.
    pub fn verdict(&mut self) -> bool {
        let all = self.right + self.wrong.len();
        if self.wrong.is_empty() {
            let text = self.paint(GREEN, &format!("All {all} steps were as they should be."));
            self.line(&format!("\n{text}"));
            return all > 0;
        }
        let text = self.paint(
            RED,
            &format!("{} of {all} steps were not as they should be:", self.wrong.len()),
        );
        self.line(&format!("\n{text}"));
        for wrong in self.wrong.clone() {
            self.line(&format!("  {wrong}"));
        }
        false
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

fn pad(text: &str) -> String {
    let missing = COLUMN.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

/// The beginning of a long sentence.
fn short(text: &str) -> String {
    const ENOUGH: usize = 60;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
