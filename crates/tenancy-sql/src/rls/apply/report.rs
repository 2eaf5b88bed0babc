//! What it cost.

use std::{fmt, time::Duration};

use super::super::{Step, quote::plain};

/// What an execution did, and how long it kept others waiting.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ApplyReport {
    /// Steps that were executed.
    pub steps: usize,
    /// Rows that got their tenant.
    pub rows: u64,
    /// Locks that were not had in time.
    pub retries: u64,
    /// The longest wait for a lock: who came after us waited no longer for us to begin.
    pub waited: Longest,
    /// The longest time that a lock was held which keeps writers or readers off a table.
    pub held: Longest,
}

/// The longest of its kind, and what it was.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Longest {
    /// How long.
    pub time: Duration,
    /// What was done to what.
    pub at: String,
}

impl Longest {
    pub(super) fn see(&mut self, time: Duration, step: &Step) {
        if time > self.time {
            self.time = time;
            self.at = format!("{} {}: {}", step.phase, plain(&step.object), step.why);
        }
    }
}

impl fmt::Display for Longest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ms", self.time.as_secs_f64() * 1000.0)?;
        if !self.at.is_empty() {
            write!(f, " ({})", self.at)?;
        }
        Ok(())
    }
}

impl fmt::Display for ApplyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            steps,
            rows,
            retries,
            waited,
            held,
        } = self;
        writeln!(
            f,
            "steps: {steps}, rows filled: {rows}, locks tried again: {retries}"
        )?;
        writeln!(f, "longest wait for a lock: {waited}")?;
        write!(f, "longest lock held: {held}")
    }
}
