//! The state of a query, now and after each change.

mod fold;
mod line;
mod listener;

pub use self::listener::{Listener, Snapshot};
