//! Limits as the tower layer calls them; the shared ones against a real Redis.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod crowd;
mod fair;
mod outage;
mod proofs;
mod queue;
mod rates;
mod replicas;
mod support;
