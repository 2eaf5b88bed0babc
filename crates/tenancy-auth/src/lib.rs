#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod crypto;
mod keys;
mod memberships;
mod project;
mod token;
mod verifier;

pub use crypto::install_crypto;
pub use keys::{KeySource, KeyUrl, ParseUrlError};
pub use memberships::PgMemberships;
pub use project::{ParseProjectError, Project};
pub use verifier::IdTokenVerifier;
