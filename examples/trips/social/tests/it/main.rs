//! `social` over a real PostgreSQL, as the role that serves. Who calls is said by the tests; tokens are tested where they
//! are verified.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]

mod auditor;
mod comments;
mod entitlement;
mod likes;
mod support;
mod visibility;
