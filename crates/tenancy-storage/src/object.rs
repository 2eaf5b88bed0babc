//! What a store holds.

use std::fmt;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream::BoxStream};
use tenancy_core::{Error, Result};

use crate::ObjectKey;

/// Whether a write may replace an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutMode {
    /// Only when no object has the key: of any number of writers at the same time, one succeeds.
    Create,
    /// Whatever was there; the last writer wins.
    Replace,
}

/// What is known of an object beside its content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectMeta {
    /// Its key.
    pub key: ObjectKey,
    /// Its size in bytes.
    pub size: u64,
    /// Its entity tag (RFC 9110 section 8.8.3), quotes included: changes whenever the content is replaced.
    pub etag: Option<String>,
}

/// An object that was opened for reading.
///
/// The content is what it was when the object was opened, even if the object is replaced or deleted while it is read.
pub struct Object {
    /// What is known of it.
    pub meta: ObjectMeta,
    /// Its content in chunks, [`length`](Self::length) bytes in all: ends with `Unavailable` when the store holds back, or holds
    /// less. The wait for each chunk is bounded (10 s); how long the whole takes is the reader's choice.
    pub content: BoxStream<'static, Result<Bytes>>,
    pub(crate) length: u64,
}

impl Object {
    /// How many bytes the content has: the object's size, or less when a range of it was asked for.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The whole content in memory, for objects that are known to be small.
    ///
    /// # Errors
    ///
    /// `Invalid` (413) when the content has more than `limit` bytes; what reading gives, else.
    pub async fn into_bytes(mut self, limit: u64) -> Result<Bytes> {
        if self.length > limit {
            return Err(Error::too_large(limit));
        }
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.content.next().await {
            whole.extend_from_slice(&chunk?);
        }
        Ok(whole.freeze())
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("meta", &self.meta)
            .finish_non_exhaustive()
    }
}
