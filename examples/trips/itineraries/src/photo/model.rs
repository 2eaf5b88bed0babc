//! A photo.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{FromRow, Row, postgres::PgRow};
use tenancy::{Error, ObjectKey, Result};
use uuid::Uuid;

use super::{body::Upload, digest::Digest, media_type::MediaType, name::PhotoName};
use crate::http::EntityTag;

/// A photo, as clients see it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Photo {
    pub(crate) name: PhotoName,
    #[serde(skip)]
    pub(crate) object: ObjectId,
    pub(crate) content_type: MediaType,
    pub(crate) size: i64,
    pub(crate) sha256: Digest,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The id of an object: one for each upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct ObjectId(Uuid);

impl ObjectId {
    pub(crate) fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// Where the object is in the tenant's store.
    pub(crate) fn key(self) -> Result<ObjectKey> {
        let key = format!("photos/{self}").parse();
        key.map_err(|error| Error::internal("a photo's key is none").with_source(error))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl Photo {
    /// The tag of the content and its type: each upload that changes one of them makes an object of its own.
    pub(crate) fn tag(&self) -> EntityTag {
        EntityTag::of(self.object)
    }

    pub(crate) fn holds(&self, upload: &Upload) -> bool {
        self.content_type == upload.media_type && self.sha256 == upload.sha256
    }
}

impl FromRow<'_, PgRow> for Photo {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: row.try_get("name")?,
            object: row.try_get("object")?,
            content_type: row.try_get("content_type")?,
            size: row.try_get("size")?,
            sha256: row.try_get("sha256")?,
            created_at: row.try_get::<jiff_sqlx::Timestamp, _>("created_at")?.to_jiff(),
            updated_at: row.try_get::<jiff_sqlx::Timestamp, _>("updated_at")?.to_jiff(),
        })
    }
}
