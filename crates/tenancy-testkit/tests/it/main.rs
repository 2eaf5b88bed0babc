//! The testkit against real servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod database;
mod lifetime;
mod neo4j;
mod proxy;
mod redis;
mod replica;
mod sql;
