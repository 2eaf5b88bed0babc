//! Where a document is.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{CollectionId, CollectionPath, DocumentId, ParsePathError, collection::check};

/// Names a document within one tenant's store: `trips/{id}`, or below another document `trips/{id}/days/{id}`.
///
/// An even number of segments, else as [`CollectionPath`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentPath(Box<str>);

impl DocumentPath {
    /// The document's id: the last segment.
    #[must_use]
    pub fn id(&self) -> DocumentId {
        let id = self.0.rsplit_once('/').map_or("", |(_, id)| id);
        DocumentId::of_parsed(id)
    }

    /// The collection `id` below this document.
    ///
    /// # Errors
    ///
    /// When the path gets too long or too deep.
    pub fn collection(&self, id: &CollectionId) -> Result<CollectionPath, ParsePathError> {
        format!("{}/{id}", self.0).parse()
    }

    /// The path's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DocumentPath {
    type Err = ParsePathError;

    fn from_str(text: &str) -> Result<Self, ParsePathError> {
        match check(text)? % 2 {
            0 => Ok(Self(text.into())),
            _ => Err(ParsePathError::Parity),
        }
    }
}

impl TryFrom<String> for DocumentPath {
    type Error = ParsePathError;

    fn try_from(text: String) -> Result<Self, ParsePathError> {
        text.parse()
    }
}

impl From<DocumentPath> for String {
    fn from(path: DocumentPath) -> Self {
        path.0.into()
    }
}

impl fmt::Display for DocumentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DocumentPath {
    /// The length alone: the ids in it are the tenant's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentPath({} bytes)", self.0.len())
    }
}
