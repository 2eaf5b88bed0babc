#![doc = include_str!("../README.md")]

mod document;
mod field;
mod path;
mod query;
mod write;

mod handle;
mod listen;
mod stores;
mod transaction;

mod bulk;
mod deadline;
mod place;
#[cfg(feature = "axum")]
mod sse;
mod wire;

pub use bulk::{BulkReport, Refused};
pub use document::{Document, Version};
pub use field::{FieldPath, ParseFieldError};
pub use handle::DocumentHandle;
pub use listen::{Listener, Snapshot};
pub use path::{CollectionId, CollectionPath, DocumentId, DocumentPath, ParsePathError};
pub use query::{Cursor, Direction, Filter, Number, Query};
#[cfg(feature = "axum")]
pub use sse::server_sent_events;
pub use stores::{DocumentOptions, DocumentStores, ProjectAccess};
pub use transaction::DocumentTransaction;
pub use write::Write;
