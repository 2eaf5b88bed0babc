//! A logical object store, reached through a tenant.

use bytes::Bytes;
use tenancy_core::{Error, Permit, Result, StoreName, TenantContext, WritePermission};

use crate::{
    Listing, Object, ObjectKey, ObjectMeta, ObjectStores, Page, PutMode, deadline::within, place::Place,
};

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
        let path = place.path(key)?;
        let buckets = self.stores.buckets();
        let etag = within(ctx.deadline(), buckets.put(place.bucket(), &path, content, mode)).await?;
        Ok(ObjectMeta {
            key: key.clone(),
            size,
            etag,
        })
    }

    /// Opens an object for reading.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is none.
    pub async fn get(&self, ctx: &TenantContext, key: &ObjectKey) -> Result<Object> {
        let place = self.place(ctx)?;
        let path = place.path(key)?;
        let buckets = self.stores.buckets();
        within(ctx.deadline(), buckets.get(place.bucket(), &path, key)).await
    }

    /// What is known of an object, without its content.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is none.
    pub async fn head(&self, ctx: &TenantContext, key: &ObjectKey) -> Result<ObjectMeta> {
        let place = self.place(ctx)?;
        let path = place.path(key)?;
        let buckets = self.stores.buckets();
        within(ctx.deadline(), buckets.head(place.bucket(), &path, key)).await
    }

    /// A page of the tenant's objects, in the order of their keys' bytes.
    ///
    /// # Cost
    ///
    /// On a local file system: each folder on the way to the page is read, and each object of the page is opened once.
    pub async fn list(&self, ctx: &TenantContext, listing: &Listing) -> Result<Page> {
        let place = self.place(ctx)?;
        within(ctx.deadline(), self.stores.buckets().list(&place, listing)).await
    }

    /// Deletes an object. One that does not exist is deleted already.
    ///
    /// # Errors
    ///
    /// After `Unavailable`, and when the future is dropped, the deletion may still happen; repeat it.
    pub async fn delete<P: WritePermission>(&self, permit: &Permit<P>, key: &ObjectKey) -> Result<()> {
        let ctx = permit.context();
        let place = self.place(ctx)?;
        let path = place.path(key)?;
        let buckets = self.stores.buckets();
        within(ctx.deadline(), buckets.delete(place.bucket(), &path)).await
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
