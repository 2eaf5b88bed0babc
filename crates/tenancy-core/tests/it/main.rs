//! The caches of several processes over one scripted source, in virtual time.
//!
//! Not checked here: that the registry's feed and its answers are what the source plays (tenancy-control does that).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod flights;
mod last_known;
mod log;
mod outage;
mod room;
mod truth;
mod world;
