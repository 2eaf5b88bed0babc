//! A document that was read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::DocumentPath;

/// When a document was last changed, which names its state: for writes that are to happen only if nobody else was there
/// before. Microseconds, as the database counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub(crate) Timestamp);

impl Version {
    /// The time it stands for.
    #[must_use]
    pub fn time(self) -> Timestamp {
        self.0
    }
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Document<T> {
    /// Where it is within the tenant's store.
    pub path: DocumentPath,
    /// What is in it.
    pub data: T,
    /// When it was made.
    pub created: Timestamp,
    /// The state that was read.
    pub version: Version,
}
