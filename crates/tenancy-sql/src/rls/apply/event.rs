//! What is told while a plan is executed.

use std::time::Duration;

use super::super::Step;

/// What is told while a plan is executed. Names in it come from the catalog: show them as text.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A step begins.
    Started {
        /// The step.
        step: &'a Step,
        /// Which one it is, from 1.
        at: usize,
        /// How many there are in this round.
        of: usize,
    },
    /// Rows were filled.
    Filled {
        /// The table or partition.
        table: &'a str,
        /// Blocks that were looked at.
        done: u64,
        /// Blocks there were at the beginning.
        total: u64,
        /// Rows that were filled so far.
        rows: u64,
    },
    /// A lock was not had in time, and is tried again.
    Retried {
        /// The step.
        step: &'a Step,
        /// How often it was tried.
        attempt: u32,
    },
    /// A step is done.
    Done {
        /// The step.
        step: &'a Step,
        /// How long it took.
        took: Duration,
    },
}
