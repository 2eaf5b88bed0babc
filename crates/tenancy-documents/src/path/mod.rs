//! How documents are named within one tenant's store.

mod collection;
mod document;
mod error;
mod id;

pub use self::{
    collection::CollectionPath,
    document::DocumentPath,
    error::ParsePathError,
    id::{CollectionId, DocumentId},
};

/// Firestore allows 6 KiB for a whole name; project, database, the tenant's root and the words between take less than 300
/// bytes.
pub(crate) const MAX_PATH: usize = 5_000;
/// Firestore nests sub-collections 100 deep.
pub(crate) const MAX_DEPTH: usize = 100;
