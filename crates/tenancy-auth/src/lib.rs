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

mod bounded;
mod cookie;
mod crypto;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod keys;
mod memberships;
mod outbound;
mod project;
mod revocation;
mod token;
mod verifier;

pub use cookie::{ParseCookieNameError, SessionCookie};
pub use crypto::install_crypto;
pub use keys::{KeySource, KeyUrl};
pub use memberships::PgMemberships;
pub use outbound::ParseUrlError;
pub use project::{ParseProjectError, Project};
pub use revocation::{AccessToken, AccountsUrl, Revocation};
pub use verifier::{CheckedVerifier, IdTokenVerifier, SessionCookieVerifier};
