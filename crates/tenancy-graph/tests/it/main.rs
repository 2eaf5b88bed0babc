//! Graph handles over a real Neo4j.
//!
//! The Community edition does not check what an Enterprise one does: roles, several databases in an instance, existence
//! constraints, a cluster whose leader changes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod bulk;
mod faults;
mod guard;
mod isolation;
mod kit;
mod locks;
mod migrations;
mod names;
mod reads;
mod transactions;
