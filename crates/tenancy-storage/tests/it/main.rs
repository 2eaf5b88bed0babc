//! Object handles over real folders.
//!
//! A file system does not check what a cloud's store does: credentials, bucket policies and names of buckets.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod failures;
mod isolation;
mod kit;
#[cfg(unix)]
mod links;
mod listings;
mod objects;
mod races;
mod signed;
mod usage;
