//! tenancy-testkit
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod key_server;
mod mint;

pub use key_server::{KeyAnswer, KeyServer};
pub use mint::{Signing, TokenDraft, TokenMint};
