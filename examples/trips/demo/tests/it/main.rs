//! The world: what it writes to the disk, and what it leaves behind. What services do is the demo's own check.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod traces;
