//! The testkit against a real PostgreSQL, a real Redis and the Firestore emulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod database;
mod firestore;
mod lifetime;
mod neo4j;
mod objects;
mod proxy;
mod redis;
mod replica;
mod sql;
