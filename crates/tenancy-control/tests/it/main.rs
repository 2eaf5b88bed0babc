//! The registry on a real PostgreSQL, asked as its owner and as the roles that deployments have.
//!
//! Not checked here: whether a custom domain is its tenant's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod answers;
mod cells;
mod changes;
mod deeds;
mod feed;
mod fences;
mod fixture;
mod flood;
mod list;
mod members;
mod roles;
mod rules;
mod upgrade;
