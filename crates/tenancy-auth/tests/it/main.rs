//! The verifier over HTTP, with real RS256 tokens and a real key server.
//!
//! The key server is ours: that Google's keys have this form, and its tokens these claims, no test here checks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod accepted;
mod deputy;
mod hostile;
mod key_cache;
mod once;
mod proxy;
mod remembered;
mod revocation;
mod session_cookies;
mod sessions;
mod time;
mod world;
