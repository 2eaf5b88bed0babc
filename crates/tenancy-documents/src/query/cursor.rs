//! Where a page begins or ends.

use serde::Serialize;
use tenancy_core::Result;

use crate::{
    DocumentPath,
    wire::{proto, value},
};

/// A place in the order of a query: the values of the fields that it is ordered by, as many as there are of them from the
/// first on, and the document where they are equal.
///
/// A client may keep what it is made of: it leads nowhere but within the query.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    pub(super) values: Vec<proto::Value>,
    pub(super) document: Option<DocumentPath>,
}

impl Cursor {
    /// At a document, in a query that is ordered by nothing else.
    #[must_use]
    pub fn at(document: DocumentPath) -> Self {
        Self {
            values: Vec::new(),
            document: Some(document),
        }
    }

    /// At a value of the next field that the query is ordered by.
    ///
    /// # Errors
    ///
    /// `Internal` when the database has no form for the value.
    pub fn value(mut self, next: &impl Serialize) -> Result<Self> {
        self.values.push(value(next)?);
        Ok(self)
    }

    /// And at the document, among those with the same values. Needs a value for each field of the order.
    #[must_use]
    pub fn document(mut self, document: DocumentPath) -> Self {
        self.document = Some(document);
        self
    }
}
