//! Rust's values and the database's.

use firestore::{FirestoreDb, FirestoreValue, timestamp_utils};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use tenancy_core::{Error, Result};

use super::proto;
use crate::{Document, Version, place::Place};

/// The fields of `data`.
///
/// # Errors
///
/// `Internal` when it is no struct or map, or has a value that the database has no form for.
pub(crate) fn encode(data: &impl Serialize) -> Result<proto::Document> {
    // a driver's error can hold values
    FirestoreDb::serialize_to_doc("", data).map_err(|_| {
        Error::internal("a document's type does not serialize into fields: it must be a struct or a map")
    })
}

/// The document that the database answered with, when it is of the place.
///
/// # Errors
///
/// `Internal` when it is not, or does not have the type's fields.
pub(crate) fn decode<T: DeserializeOwned>(
    place: &Place,
    mut document: proto::Document,
) -> Result<Document<T>> {
    let path = place.logical(&document.name)?;
    // where the tenant's part is, the service has no use for
    document.name = path.to_string();
    let data = FirestoreDb::deserialize_doc_to(&document).map_err(|_| {
        Error::internal("a document does not have the fields of the type that the code asks for")
    })?;
    Ok(Document {
        path,
        data,
        created: time(document.create_time)?,
        version: Version(time(document.update_time)?),
    })
}

/// A time that the database always sends.
pub(crate) fn time(sent: Option<firestore::gcloud_sdk::prost_types::Timestamp>) -> Result<Timestamp> {
    sent.and_then(|sent| timestamp_utils::from_timestamp(sent).ok())
        .ok_or_else(|| Error::internal("the document database left out when a document was changed"))
}

/// One value.
///
/// # Errors
///
/// `Internal` when the database has no form for it.
pub(crate) fn value(value: &impl Serialize) -> Result<proto::Value> {
    let value = <FirestoreValue as From<_>>::from(value).value;
    match value.value_type {
        Some(_) => Ok(value),
        None => Err(Error::internal(
            "a value does not serialize into one of the database's",
        )),
    }
}
