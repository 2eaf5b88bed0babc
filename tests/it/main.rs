//! What crosses crates, against real servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod compile_fail;
mod deployment;
mod deputy;
mod golden;
mod harness;
mod http;
mod isolation;
mod ledger;
mod telemetry;
