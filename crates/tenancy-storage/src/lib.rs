#![doc = include_str!("../README.md")]

mod key;
mod listing;
mod object;

mod handle;
mod stores;

mod content;
mod deadline;
mod local;
mod place;

pub use handle::ObjectHandle;
pub use key::{ObjectKey, ParseKeyError};
pub use listing::{Listing, Page};
pub use object::{Object, ObjectMeta, PutMode};
pub use stores::ObjectStores;
