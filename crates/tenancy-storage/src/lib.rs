//! Object storage scoped to one tenant.
#![allow(missing_docs, unused, clippy::todo)]
use bytes::Bytes;
use futures::stream::BoxStream;
use std::{path::Path, str::FromStr};
use tenancy_core::{Permit, Result, StoreName, TenantContext, WritePermission};

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(Box<str>);
impl ObjectKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an object key")]
pub struct ParseKeyError;
impl FromStr for ObjectKey {
    type Err = ParseKeyError;
    fn from_str(t: &str) -> Result<Self, ParseKeyError> {
        todo!()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutMode {
    Create,
    Replace,
}
#[derive(Clone, Debug)]
pub struct ObjectMeta {
    pub key: ObjectKey,
    pub size: u64,
    pub etag: Option<String>,
}
pub struct Object {
    pub meta: ObjectMeta,
    pub content: BoxStream<'static, Result<Bytes>>,
}

#[derive(Clone)]
pub struct ObjectStores;
impl ObjectStores {
    pub fn local(root: &Path) -> Result<Self> {
        todo!()
    }
    pub fn handle(&self, name: StoreName) -> ObjectHandle {
        todo!()
    }
}
#[derive(Clone)]
pub struct ObjectHandle;
impl ObjectHandle {
    pub async fn put<P: WritePermission>(
        &self,
        permit: &Permit<P>,
        key: &ObjectKey,
        content: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        todo!()
    }
    pub async fn get(&self, ctx: &TenantContext, key: &ObjectKey) -> Result<Object> {
        todo!()
    }
    pub async fn head(&self, ctx: &TenantContext, key: &ObjectKey) -> Result<ObjectMeta> {
        todo!()
    }
    pub async fn list(&self, ctx: &TenantContext, prefix: Option<&ObjectKey>) -> Result<Vec<ObjectMeta>> {
        todo!()
    }
    pub async fn delete<P: WritePermission>(&self, permit: &Permit<P>, key: &ObjectKey) -> Result<()> {
        todo!()
    }
}
