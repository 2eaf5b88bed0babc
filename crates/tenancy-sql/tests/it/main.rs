//! `tenancy-sql` against a real PostgreSQL, as the demoted role that serves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]

mod additions;
mod admission;
mod audit;
mod audit_log;
mod budget;
mod cells;
mod fence;
mod fleet;
mod hygiene;
mod injection;
mod migrate;
mod model;
mod outage;
mod payloads;
mod pooler;
mod quota;
mod replica;
mod rls;
mod round_trips;
mod seal;
mod support;
mod tls;
mod transactions;
