//! A change of one document.

use std::fmt;

use firestore::timestamp_utils;
use serde::Serialize;
use tenancy_core::{Error, Result};

use crate::{
    DocumentPath, FieldPath, Version,
    place::Place,
    wire::{
        Writing, encode,
        proto::{
            self,
            document_transform::{
                FieldTransform,
                field_transform::{ServerValue, TransformType},
            },
            precondition::ConditionType,
            write::Operation,
        },
    },
};

/// What Firestore allows a document.
const MAX_DOCUMENT: usize = 1024 * 1024;

/// A change of one document: alone, in a batch, in a transaction or in bulk.
///
/// ```
/// use tenancy_documents::{DocumentPath, FieldPath, Write};
///
/// # #[derive(serde::Serialize)] struct Trip { title: String }
/// # fn f(trip: &Trip, at: &DocumentPath) -> tenancy_core::Result<()> {
/// let changed: FieldPath = "changed".parse().unwrap();
/// let write = Write::create(at, trip)?.at_server_time(changed);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Write {
    path: DocumentPath,
    change: Change,
    condition: Option<ConditionType>,
    server_times: Vec<FieldPath>,
}

#[derive(Clone)]
enum Change {
    Whole(proto::Document),
    Fields(proto::Document, Vec<FieldPath>),
    Delete,
}

impl Write {
    /// Makes a document; `Conflict` when there is one.
    ///
    /// # Errors
    ///
    /// `Invalid` (413) for more than 1 MiB, `Internal` when `data` does not serialize into fields.
    pub fn create(path: &DocumentPath, data: &impl Serialize) -> Result<Self> {
        let condition = Some(ConditionType::Exists(false));
        Ok(Self::new(path, Change::Whole(document(data)?), condition))
    }

    /// Makes or replaces a document, whatever was there.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub fn set(path: &DocumentPath, data: &impl Serialize) -> Result<Self> {
        Ok(Self::new(path, Change::Whole(document(data)?), None))
    }

    /// Changes these fields of a document and leaves the others; `NotFound` when there is none. A field that `data` does not
    /// have, or has as `None`, is removed.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub fn update(path: &DocumentPath, data: &impl Serialize, fields: &[FieldPath]) -> Result<Self> {
        let condition = Some(ConditionType::Exists(true));
        Ok(Self::new(
            path,
            Change::Fields(document(data)?, fields.to_vec()),
            condition,
        ))
    }

    /// Deletes a document. One that does not exist is deleted already. What lies below it stays.
    #[must_use]
    pub fn delete(path: &DocumentPath) -> Self {
        Self::new(path, Change::Delete, None)
    }

    /// Only if the document is in the state that was read; else `Conflict` (412). In place of any other condition.
    #[must_use]
    pub fn if_version(mut self, version: Version) -> Self {
        let time = timestamp_utils::to_timestamp(version.time());
        self.condition = Some(ConditionType::UpdateTime(time));
        self
    }

    /// Sets the field to the time at which the database does it. A deletion has none.
    #[must_use]
    pub fn at_server_time(mut self, field: FieldPath) -> Self {
        self.server_times.push(field);
        self
    }

    /// Which document it changes.
    #[must_use]
    pub fn path(&self) -> &DocumentPath {
        &self.path
    }

    fn new(path: &DocumentPath, change: Change, condition: Option<ConditionType>) -> Self {
        Self {
            path: path.clone(),
            change,
            condition,
            server_times: Vec::new(),
        }
    }

    /// What its failure means.
    pub(crate) fn writing(&self) -> Writing {
        match self.condition {
            Some(ConditionType::Exists(true) | ConditionType::UpdateTime(_)) => Writing::Existing,
            Some(ConditionType::Exists(false)) | None => Writing::Other,
        }
    }

    /// As the place's database is told.
    pub(crate) fn render(self, place: &Place) -> Result<proto::Write> {
        let name = place.name(&self.path)?;
        let (operation, update_mask) = match self.change {
            Change::Whole(document) => (Operation::Update(named(document, name)), None),
            Change::Fields(document, fields) => {
                let field_paths = fields.iter().map(FieldPath::to_string).collect();
                let mask = proto::DocumentMask { field_paths };
                (Operation::Update(named(document, name)), Some(mask))
            }
            Change::Delete => (Operation::Delete(name), None),
        };
        let deletes = matches!(operation, Operation::Delete(_));
        if deletes && !self.server_times.is_empty() {
            return Err(Error::internal(
                "a deletion has no field to set to the server's time",
            ));
        }
        Ok(proto::Write {
            update_mask,
            update_transforms: self.server_times.iter().map(server_time).collect(),
            current_document: self.condition.map(|condition| proto::Precondition {
                condition_type: Some(condition),
            }),
            operation: Some(operation),
        })
    }
}

fn document(data: &impl Serialize) -> Result<proto::Document> {
    use firestore::gcloud_sdk::prost::Message;
    let document = encode(data)?;
    match document.encoded_len() > MAX_DOCUMENT {
        true => Err(Error::too_large(MAX_DOCUMENT as u64)),
        false => Ok(document),
    }
}

fn named(mut document: proto::Document, name: String) -> proto::Document {
    document.name = name;
    document
}

fn server_time(field: &FieldPath) -> FieldTransform {
    FieldTransform {
        field_path: field.to_string(),
        transform_type: Some(TransformType::SetToServerValue(ServerValue::RequestTime.into())),
    }
}

impl fmt::Debug for Write {
    /// Not what it writes: that is the tenant's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Write")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
