//! The keys that tokens are verified with: where they come from, and how long they are trusted.

mod cache;
mod elliptic;
mod fetch;
mod freshness;
mod jwks;
mod key;
mod key_set;
mod rsa;
mod source;
mod state;
mod url;

pub(crate) use self::cache::KeyCache;
pub(crate) use self::jwks::fixed;
#[cfg(fuzzing)]
pub(crate) use self::jwks::fuzz;
pub(crate) use self::key::{Accept, Key};
pub use self::source::KeySource;
pub use self::url::KeyUrl;
