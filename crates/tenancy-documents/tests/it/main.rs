//! Documents against the vendor's emulator. What it does not check, and the service does: that a database exists, that a query
//! has its index, limits of size and rate, and credentials.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bad_input;
mod conformance;
mod events;
mod faults;
mod isolation;
mod kit;
mod listener;
mod queries;
mod stub;
mod transactions;
mod writes;
