//! Trips on three tiers: a whole platform in one process, for the demo and for the tests that cross crates.
