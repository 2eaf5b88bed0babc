//! Answers that are kept, and how it is known that they are still true.
//!
//! [`Freshness`] knows what a feed of changes said; [`Cache`] keeps answers on a [`Shelf`] and judges each by it. An
//! answer is served at once while the feed confirms it, for a few seconds more while it is asked for again, and through an
//! outage up to its tenant's cap. An answer that is known to have changed is served to nobody.

mod engine;
mod entry;
mod flight;
mod freshness;
mod negative;
mod options;
mod outage;
mod table;

pub(crate) use self::engine::{Cache, Shelf};
pub(crate) use self::entry::{Began, Entry};
pub(crate) use self::freshness::{Known, Standing};
pub(crate) use self::table::{KeyHash, Table};

pub use self::freshness::Freshness;
pub use self::options::{CacheOptions, StaleCaps};
