//! What is being set up, for those who wait.

use std::time::{Duration, Instant};

/// Tells how far the setting up is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// This begins.
    Begins(&'static str),
    /// It is done.
    Done {
        /// What there is now.
        what: String,
        /// How long it took.
        took: Duration,
    },
}

/// Tells the one who waits.
pub(super) struct Reporter<'r> {
    report: &'r mut dyn FnMut(Progress),
    since: Instant,
}

impl<'r> Reporter<'r> {
    pub(super) fn new(report: &'r mut dyn FnMut(Progress)) -> Self {
        Self {
            report,
            since: Instant::now(),
        }
    }

    pub(super) fn begins(&mut self, what: &'static str) {
        self.since = Instant::now();
        (self.report)(Progress::Begins(what));
    }

    pub(super) fn done(&mut self, what: impl Into<String>) {
        (self.report)(Progress::Done {
            what: what.into(),
            took: self.since.elapsed(),
        });
    }
}
