//! Limits that all replicas share, through Redis.

mod ask;
mod breaker;
mod config;
mod keeper;
mod link;
mod store;

pub(crate) use self::ask::{Sharing, Subject};
pub use self::config::{SharedConfig, SharedError};
pub(crate) use self::link::{Failure, Link, within};
