//! Trips on three tiers: a whole platform in one process tree, for the demo and for the tests that cross crates.

pub mod platform;
pub mod story;
