//! `itineraries` over a real PostgreSQL, as the role that serves, and objects on the local file system. Who calls is
//! said by the tests; tokens are tested where they are verified.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]

mod auditor;
mod itineraries;
mod leftovers;
mod photos;
mod publishing;
mod requests;
mod support;
mod users;
mod welcome;
