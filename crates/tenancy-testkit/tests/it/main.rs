//! The testkit against a real PostgreSQL and a real Redis.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod database;
mod lifetime;
mod objects;
mod proxy;
mod redis;
mod replica;
mod sql;
