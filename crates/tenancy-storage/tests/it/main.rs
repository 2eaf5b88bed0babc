//! Object handles over real folders and a real server.
//!
//! Neither checks credentials, bucket policies and who may make a bucket: see the crate's page for what each leaves out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod conformance;
mod failures;
mod faults;
mod isolation;
mod kit;
#[cfg(unix)]
mod links;
mod listings;
mod objects;
mod races;
mod signed;
mod usage;
mod wire;
