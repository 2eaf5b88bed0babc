//! The keys that tokens are verified with: where they come from, and how long they are trusted.

mod cache;
mod fetch;
mod freshness;
mod jwks;
mod key_set;
mod source;
mod state;
mod url;

pub(crate) use self::cache::KeyCache;
pub use self::source::KeySource;
pub use self::url::{KeyUrl, ParseUrlError};
