//! Where a collection is.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    CollectionId, DocumentId, DocumentPath, MAX_DEPTH, MAX_PATH, ParsePathError,
    id::{check_collection, check_document},
};

/// Names a collection within one tenant's store: `trips`, or below a document `trips/{id}/days`.
///
/// An odd number of segments, [collections](CollectionId) and [documents](DocumentId) in turn; 5000 bytes and 100 levels at
/// most. Where the tenant's store is, it does not say.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CollectionPath(Box<str>);

impl CollectionPath {
    /// The document `id` of this collection.
    ///
    /// # Errors
    ///
    /// When the path gets too long.
    pub fn document(&self, id: &DocumentId) -> Result<DocumentPath, ParsePathError> {
        format!("{}/{id}", self.0).parse()
    }

    /// The path's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<CollectionId> for CollectionPath {
    fn from(id: CollectionId) -> Self {
        Self(String::from(id).into())
    }
}

/// Checks segments in turn: how many there are.
pub(super) fn check(text: &str) -> Result<usize, ParsePathError> {
    if text.is_empty() || text.len() > MAX_PATH {
        return Err(ParsePathError::Length);
    }
    let mut segments = 0_usize;
    for segment in text.split('/') {
        match segments % 2 {
            0 => check_collection(segment)?,
            _ => check_document(segment)?,
        }
        segments += 1;
    }
    match segments.div_ceil(2) > MAX_DEPTH {
        true => Err(ParsePathError::Depth),
        false => Ok(segments),
    }
}

impl FromStr for CollectionPath {
    type Err = ParsePathError;

    fn from_str(text: &str) -> Result<Self, ParsePathError> {
        match check(text)? % 2 {
            1 => Ok(Self(text.into())),
            _ => Err(ParsePathError::Parity),
        }
    }
}

impl TryFrom<String> for CollectionPath {
    type Error = ParsePathError;

    fn try_from(text: String) -> Result<Self, ParsePathError> {
        text.parse()
    }
}

impl From<CollectionPath> for String {
    fn from(path: CollectionPath) -> Self {
        path.0.into()
    }
}

impl fmt::Display for CollectionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CollectionPath {
    /// The length alone: the ids in it are the tenant's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CollectionPath({} bytes)", self.0.len())
    }
}
