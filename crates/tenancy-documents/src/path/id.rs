//! One segment of a path.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::ParsePathError;

/// What Firestore allows.
const MAX_DOCUMENT: usize = 1500;
/// Collections are named in the code, so this is plenty.
const MAX_COLLECTION: usize = 100;

/// Names a document within its collection.
///
/// - 1 to 1500 bytes of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`;
/// - does not end with a dot, which leaves out `.` and `..`;
/// - does not begin with `__`, which the database keeps for itself (`__.*__`).
///
/// Firestore would take nearly any UTF-8. The alphabet is the unreserved one of URLs (RFC 3986 section 2.3) without `~`: what it
/// leaves out is what one layer or another on the way splits, decodes, normalises or shows differently (`/` changes the path,
/// `%2F` may become one, `:` begins a verb of the REST API, full-width dots become dots by NFKC, right-to-left marks change what
/// a reader sees, and letters with accents have two spellings). An id of this alphabet is the same before and after each of
/// them, so two ids are equal where their bytes are. UUIDs, ULIDs, dates, slugs, base64url, and the ids that Firestore's own
/// clients make are in it. A name that a user chose belongs in a field.
///
/// ```
/// use tenancy_documents::DocumentId;
///
/// assert!("2031-05-14.lisbon".parse::<DocumentId>().is_ok());
/// assert!("x/secrets/y".parse::<DocumentId>().is_err());
/// ```
///
/// ```compile_fail,E0277
/// let id: tenancy_documents::DocumentId = "lisbon".into();
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentId(Box<str>);

/// Names a collection: a letter, then letters, digits, `-` and `_`; 100 bytes at most. It is named in the code, as a table is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CollectionId(Box<str>);

impl DocumentId {
    /// A new id: random, so that documents made after each other do not meet in one place of the index.
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string().into())
    }

    /// A segment of a path that was parsed.
    pub(super) fn of_parsed(segment: &str) -> Self {
        Self(segment.into())
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CollectionId {
    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` is a document's id.
pub(super) fn check_document(text: &str) -> Result<(), ParsePathError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if text.is_empty() || text.len() > MAX_DOCUMENT {
        Err(ParsePathError::Length)
    } else if !text.bytes().all(legal) {
        Err(ParsePathError::Alphabet)
    } else if text.ends_with('.') {
        Err(ParsePathError::FinalDot)
    } else if text.starts_with("__") {
        Err(ParsePathError::Reserved)
    } else {
        Ok(())
    }
}

/// Whether `text` is a collection's id.
pub(super) fn check_collection(text: &str) -> Result<(), ParsePathError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if text.is_empty() || text.len() > MAX_COLLECTION {
        Err(ParsePathError::Length)
    } else if text.starts_with("__") {
        Err(ParsePathError::Reserved)
    } else if !text.starts_with(|first: char| first.is_ascii_alphabetic()) || !text.bytes().all(legal) {
        Err(ParsePathError::Alphabet)
    } else {
        Ok(())
    }
}

impl FromStr for DocumentId {
    type Err = ParsePathError;

    fn from_str(text: &str) -> Result<Self, ParsePathError> {
        check_document(text).map(|()| Self(text.into()))
    }
}

impl FromStr for CollectionId {
    type Err = ParsePathError;

    fn from_str(text: &str) -> Result<Self, ParsePathError> {
        check_collection(text).map(|()| Self(text.into()))
    }
}

impl TryFrom<String> for DocumentId {
    type Error = ParsePathError;

    fn try_from(text: String) -> Result<Self, ParsePathError> {
        text.parse()
    }
}

impl TryFrom<String> for CollectionId {
    type Error = ParsePathError;

    fn try_from(text: String) -> Result<Self, ParsePathError> {
        text.parse()
    }
}

impl From<DocumentId> for String {
    fn from(id: DocumentId) -> Self {
        id.0.into()
    }
}

impl From<CollectionId> for String {
    fn from(id: CollectionId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CollectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DocumentId {
    /// The length alone: an id is the tenant's, and `#[instrument]` logs arguments in this form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentId({} bytes)", self.0.len())
    }
}

impl fmt::Debug for CollectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CollectionId({})", self.0)
    }
}

#[cfg(test)]
#[path = "id_tests.rs"]
mod tests;
