//! A logical object store, reached through a tenant.

use std::ops::Range;

use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use tenancy_core::{Error, Permit, Result, StoreName, TenantContext, WritePermission};

use crate::{
    Listing, Object, ObjectKey, ObjectMeta, ObjectStores, Page, PutMode,
    content::{at_most, out_of_range},
    deadline::within,
    place::Place,
};

/// How many objects are deleted at a time.
const AT_A_TIME: usize = 16;

/// A logical object store. The context, or the permit's, says whose part of which bucket is meant.
///
/// Cheap to clone. Every call ends by the context's deadline, or within 30 seconds when it has none.
///
/// # Errors
///
/// Of every call, beside its own: `NotEntitled` when the tenant's placement lacks the store; `Unavailable` when the
/// store fails or is late; `Internal` when the placement or the bucket is not as it should be, and the log says how.
#[derive(Clone, Debug)]
pub struct ObjectHandle {
    stores: ObjectStores,
    name: StoreName,
}

impl ObjectHandle {
    pub(crate) fn new(stores: ObjectStores, name: StoreName) -> Self {
        Self { stores, name }
    }

    /// Writes an object: the whole of it, or nothing. It is on stable storage when the call returns.
    ///
    /// A read-only member has no permit, and a context does not do:
    ///
    /// ```compile_fail,E0308
    /// # async fn f(store: tenancy_storage::ObjectHandle, ctx: tenancy_core::TenantContext, key: tenancy_storage::ObjectKey) {
    /// let _ = store.put::<tenancy_core::DataWrite>(&ctx, &key, "x".into(), tenancy_storage::PutMode::Create).await;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `Invalid` (413) for more bytes than the stores allow; `Conflict` with [`PutMode::Create`] when the key is
    /// taken. After `Unavailable`, and when the future is dropped, the write may still happen.
    ///
    /// # Cost
    ///
    /// On a local file system: a file is written, flushed and renamed.
    pub async fn put<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        key: &ObjectKey,
        content: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let (size, limit) = (content.len() as u64, self.stores.max_object_bytes());
        if size > limit {
            return Err(Error::too_large(limit));
        }
        let ctx = permit.context();
        let place = self.place(ctx)?;
        let put = self.stores.backend().put(&place, key, content, mode);
        within(ctx.deadline(), put).await
    }

    /// Writes an object of any size that comes in chunks: the whole of it, or nothing when the content ends with an error,
    /// the deadline passes, or the future is dropped. Over Google Cloud Storage a cut line is taken up where it was cut.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put); and the content's own error.
    ///
    /// # Cost
    ///
    /// Memory: 8 MiB of the content at most, and the chunks that it gives. On a local file system: as `put`.
    pub async fn put_stream<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        key: &ObjectKey,
        content: BoxStream<'static, Result<Bytes>>,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let ctx = permit.context();
        let place = self.place(ctx)?;
        let content = at_most(content, self.stores.max_object_bytes());
        let put = self.stores.backend().put_stream(&place, key, content, mode);
        within(ctx.deadline(), put).await
    }

    /// Opens an object for reading.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is none.
    pub async fn get(&self, ctx: &TenantContext, key: &ObjectKey) -> Result<Object> {
        let place = self.place(ctx)?;
        within(ctx.deadline(), self.stores.backend().get(&place, key, None)).await
    }

    /// Opens a part of an object for reading: the bytes of `range`, or those up to the object's end.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is none; `Invalid` when the range is empty or begins after the object's last byte.
    pub async fn get_range(&self, ctx: &TenantContext, key: &ObjectKey, range: Range<u64>) -> Result<Object> {
        if range.is_empty() {
            return Err(out_of_range());
        }
        let place = self.place(ctx)?;
        within(
            ctx.deadline(),
            self.stores.backend().get(&place, key, Some(range)),
        )
        .await
    }

    /// What is known of an object, without its content.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is none.
    pub async fn head(&self, ctx: &TenantContext, key: &ObjectKey) -> Result<ObjectMeta> {
        let place = self.place(ctx)?;
        within(ctx.deadline(), self.stores.backend().head(&place, key)).await
    }

    /// A page of the tenant's objects, in the order of their keys' bytes.
    ///
    /// # Cost
    ///
    /// On a local file system: each folder on the way to the page is read, and each object of the page is opened once.
    pub async fn list(&self, ctx: &TenantContext, listing: &Listing) -> Result<Page> {
        let place = self.place(ctx)?;
        within(ctx.deadline(), self.stores.backend().list(&place, listing)).await
    }

    /// Deletes an object. One that does not exist is deleted already.
    ///
    /// # Errors
    ///
    /// After `Unavailable`, and when the future is dropped, the deletion may still happen; repeat it.
    pub async fn delete<P: WritePermission>(&self, permit: &Permit<P>, key: &ObjectKey) -> Result<()> {
        let ctx = permit.context();
        let place = self.place(ctx)?;
        within(ctx.deadline(), self.stores.backend().delete(&place, key)).await
    }

    /// Deletes objects, 16 at a time. Those that do not exist are deleted already.
    ///
    /// # Errors
    ///
    /// The first that failed: of the others any may be deleted. Repeat it.
    pub async fn delete_many<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        keys: &[ObjectKey],
    ) -> Result<()> {
        let ctx = permit.context();
        let place = self.place(ctx)?;
        let delete = |key| self.stores.backend().delete(&place, key);
        let deletes = stream::iter(keys).map(delete).buffer_unordered(AT_A_TIME);
        within(ctx.deadline(), deletes.try_collect()).await
    }

    /// Copies an object to another key of the same tenant, without its content passing through this process.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is nothing to copy; `Conflict` with [`PutMode::Create`] when `to` is taken. After
    /// `Unavailable`, and when the future is dropped, the copy may still happen.
    pub async fn copy<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        from: &ObjectKey,
        to: &ObjectKey,
        mode: PutMode,
    ) -> Result<()> {
        let ctx = permit.context();
        let place = self.place(ctx)?;
        let copy = self.stores.backend().copy(&place, from, to, mode);
        within(ctx.deadline(), copy).await
    }

    pub(crate) fn stores(&self) -> &ObjectStores {
        &self.stores
    }

    pub(crate) fn name(&self) -> &StoreName {
        &self.name
    }

    pub(crate) fn place(&self, ctx: &TenantContext) -> Result<Place> {
        ctx.still_stands()?;
        Place::of(ctx.tenant_id(), ctx.placement(), &self.name)
    }
}
