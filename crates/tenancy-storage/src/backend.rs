//! What a kind of object store has to do.

use std::{fmt, ops::Range};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use tenancy_core::Result;

use crate::{Listing, Object, ObjectKey, ObjectMeta, Page, PutMode, place::Place};

/// Content in chunks, from a caller or from a store.
pub(crate) type Content = BoxStream<'static, Result<Bytes>>;

/// One kind of object store. It is told the tenant's place, and asks [`Place::path`] for the path of a key in it; what a
/// caller may see of a failure is the same for all kinds.
#[async_trait]
pub(crate) trait Backend: fmt::Debug + Send + Sync {
    /// The whole of the object or nothing; `Conflict` when a key to create is taken.
    async fn put(&self, place: &Place, key: &ObjectKey, content: Bytes, mode: PutMode) -> Result<ObjectMeta>;

    /// The same, of content that is not held in memory. An error of the content's own ends it, and is given back.
    async fn put_stream(
        &self,
        place: &Place,
        key: &ObjectKey,
        content: Content,
        mode: PutMode,
    ) -> Result<ObjectMeta>;

    /// `NotFound` when there is none; `Invalid` when the range does not begin within the object.
    async fn get(&self, place: &Place, key: &ObjectKey, range: Option<Range<u64>>) -> Result<Object>;

    /// `NotFound` when there is none.
    async fn head(&self, place: &Place, key: &ObjectKey) -> Result<ObjectMeta>;

    /// In the order of the keys' bytes; what is no key is left out.
    async fn list(&self, place: &Place, listing: &Listing) -> Result<Page>;

    /// `NotFound` when there is nothing to copy.
    async fn copy(&self, place: &Place, from: &ObjectKey, to: &ObjectKey, mode: PutMode) -> Result<()>;

    /// One that does not exist is deleted already.
    async fn delete(&self, place: &Place, key: &ObjectKey) -> Result<()>;
}
