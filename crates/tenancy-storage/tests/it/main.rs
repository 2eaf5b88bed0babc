//! Object handles over real folders.
//!
//! A file system does not check what a cloud's store does: credentials, bucket policies and names of buckets.

mod failures;
mod isolation;
mod kit;
#[cfg(unix)]
mod links;
mod listings;
mod objects;
mod races;
