//! Buckets as folders of the local file system.
//!
//! Reading and writing is `object_store`'s, which writes beside the object and renames, so that an object is whole or
//! absent. It follows symbolic links, out of the bucket as well, so each path is looked at first, link by link.

mod bucket;
mod copy;
mod failure;
mod list;
mod look;
mod stream;
mod walk;

use std::{io, ops::Range, path::Path, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMode as DriverMode, path::Path as ObjectPath,
};
use tenancy_core::{BucketName, Result};

use self::{bucket::Bucket, failure::Failure, look::Found};
use crate::{
    Listing, Object, ObjectKey, ObjectMeta, Page, PutMode,
    backend::{Backend, Content},
    content::{exactly, out_of_range},
    place::Place,
};

/// The folder whose sub-folders are buckets.
#[derive(Clone, Debug)]
pub(crate) struct Buckets {
    root: Arc<Path>,
}

impl Buckets {
    /// Proves that `root` is a folder that can be read.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        std::fs::read_dir(&root)?;
        Ok(Self { root: root.into() })
    }

    /// The bucket, made when it does not exist, when `mode` allows to write an object at `path`.
    async fn writable(&self, bucket: &BucketName, path: &ObjectPath, mode: PutMode) -> Result<Bucket> {
        let (root, name, target) = (Arc::clone(&self.root), bucket.clone(), path.clone());
        Ok(blocking(move || writable(&root, &name, &target, mode)).await?)
    }

    /// The bucket, when it holds an object at `path`; "not found" else.
    async fn holding(&self, bucket: &BucketName, path: &ObjectPath) -> Result<Bucket> {
        let (root, name, path) = (Arc::clone(&self.root), bucket.clone(), path.clone());
        let holding = blocking(move || holding(&root, &name, &path)).await;
        let bucket = holding.map_err(Failure::hidden)?;
        Ok(bucket.ok_or(Failure::Absent)?)
    }
}

#[async_trait]
impl Backend for Buckets {
    async fn put(&self, place: &Place, key: &ObjectKey, content: Bytes, mode: PutMode) -> Result<ObjectMeta> {
        let (path, size) = (place.path(key)?, content.len() as u64);
        let bucket = self.writable(place.bucket(), &path, mode).await?;
        let mode = match mode {
            PutMode::Create => DriverMode::Create,
            PutMode::Replace => DriverMode::Overwrite,
        };
        let put = bucket.driver().put_opts(&path, content.into(), mode.into()).await;
        Ok(ObjectMeta {
            key: key.clone(),
            size,
            etag: put.map_err(Failure::from)?.e_tag,
        })
    }

    async fn put_stream(
        &self,
        place: &Place,
        key: &ObjectKey,
        content: Content,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let path = place.path(key)?;
        let bucket = self.writable(place.bucket(), &path, mode).await?;
        let (size, etag) = stream::write(&bucket, &path, content, mode).await?;
        Ok(ObjectMeta {
            key: key.clone(),
            size,
            etag,
        })
    }

    async fn get(&self, place: &Place, key: &ObjectKey, range: Option<Range<u64>>) -> Result<Object> {
        let path = place.path(key)?;
        let bucket = self.holding(place.bucket(), &path).await?;
        if let Some(range) = &range {
            let found = bucket.driver().head(&path).await;
            let found = found.map_err(|error| Failure::from(error).hidden())?;
            if range.start >= found.size {
                return Err(out_of_range());
            }
        }
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let opened = bucket.driver().get_opts(&path, options).await;
        let opened = opened.map_err(|error| Failure::from(error).hidden())?;
        let meta = meta(key, &opened.meta);
        let length = opened.range.end.saturating_sub(opened.range.start);
        let content = opened.into_stream().map_err(Failure::from).boxed();
        Ok(Object {
            content: exactly(content, length),
            meta,
            length,
        })
    }

    async fn head(&self, place: &Place, key: &ObjectKey) -> Result<ObjectMeta> {
        let path = place.path(key)?;
        let bucket = self.holding(place.bucket(), &path).await?;
        let found = bucket.driver().head(&path).await;
        let found = found.map_err(|error| Failure::from(error).hidden())?;
        Ok(meta(key, &found))
    }

    async fn list(&self, place: &Place, listing: &Listing) -> Result<Page> {
        self.page(place, listing).await
    }

    async fn copy(&self, place: &Place, from: &ObjectKey, to: &ObjectKey, mode: PutMode) -> Result<()> {
        self.duplicate(place, from, to, mode).await
    }

    async fn delete(&self, place: &Place, key: &ObjectKey) -> Result<()> {
        let path = place.path(key)?;
        let (root, name, target) = (Arc::clone(&self.root), place.bucket().clone(), path.clone());
        let holding = blocking(move || holding(&root, &name, &target)).await?;
        let Some(bucket) = holding else { return Ok(()) };
        match bucket.driver().delete(&path).await.map_err(Failure::from) {
            Ok(()) | Err(Failure::Absent) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }
}

/// The bucket, when `mode` allows to write an object at `path`.
fn writable(root: &Path, name: &BucketName, path: &ObjectPath, mode: PutMode) -> Result<Bucket, Failure> {
    let bucket = Bucket::ensured(root, name)?;
    match bucket.look(path)? {
        Found::Nothing => Ok(bucket),
        Found::Object if mode == PutMode::Replace => Ok(bucket),
        Found::Object => Err(Failure::Exists),
        Found::Folder | Found::BelowObject => Err(Failure::Clash),
    }
}

fn holding(root: &Path, name: &BucketName, path: &ObjectPath) -> Result<Option<Bucket>, Failure> {
    let Some(bucket) = Bucket::existing(root, name)? else {
        return Ok(None);
    };
    let holds = bucket.look(path)? == Found::Object;
    Ok(holds.then_some(bucket))
}

fn meta(key: &ObjectKey, found: &object_store::ObjectMeta) -> ObjectMeta {
    ObjectMeta {
        key: key.clone(),
        size: found.size,
        etag: found.e_tag.clone(),
    }
}

/// Runs `work` where it may block. Dropping the future does not stop work that has begun.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Failure::Io(io::Error::other(error))))
}
