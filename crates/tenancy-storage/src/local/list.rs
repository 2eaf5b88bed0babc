//! A page of a tenant's objects.

use std::{path::Path, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStoreExt;
use tenancy_core::Result;

use super::{
    Buckets, blocking,
    bucket::Bucket,
    failure::Failure,
    look::{Found, look},
    meta,
    walk::Walk,
};
use crate::{Listing, ObjectKey, ObjectMeta, Page, place::Place};

/// How many objects of a page are looked at at a time.
const AT_A_TIME: usize = 8;

impl Buckets {
    pub(super) async fn page(&self, place: &Place, listing: &Listing) -> Result<Page> {
        // dropped with this future, which ends the walk
        let waiting = Arc::new(());
        let (root, at, what) = (Arc::clone(&self.root), place.clone(), listing.clone());
        let walk = Walk::new(listing, Arc::downgrade(&waiting));
        let Some((bucket, mut keys)) = blocking(move || walk_in(&root, &at, &what, walk)).await? else {
            return Ok(Page::default());
        };
        let more = keys.len() > listing.limit;
        keys.truncate(listing.limit);
        let next = keys.last().filter(|_| more).cloned();
        let objects = metas(&bucket, place, &keys).await?;
        Ok(Page { objects, next })
    }
}

/// The bucket and the keys, or `None` when the bucket was never written to.
fn walk_in(
    root: &Path,
    place: &Place,
    listing: &Listing,
    walk: Walk,
) -> Result<Option<(Bucket, Vec<ObjectKey>)>, Failure> {
    let Some(bucket) = Bucket::existing(root, place.bucket())? else {
        return Ok(None);
    };
    let below = listing
        .folder
        .as_ref()
        .map_or_else(String::new, |folder| format!("{folder}/"));
    let path = format!("{}{below}", place.prefix());
    let keys = match look(bucket.folder(), path.split_terminator('/'))? {
        Found::Folder => walk.keys(&bucket.folder().join(path), &below)?,
        Found::Nothing | Found::Object | Found::BelowObject => Vec::new(),
    };
    Ok(Some((bucket, keys)))
}

/// What is known of the objects; those deleted meanwhile are left out.
async fn metas(bucket: &Bucket, place: &Place, keys: &[ObjectKey]) -> Result<Vec<ObjectMeta>> {
    let head = async |key: &ObjectKey| {
        let path = place.path(key)?;
        match bucket.driver().head(&path).await.map_err(Failure::from) {
            Ok(found) => Ok(Some(meta(key, &found))),
            Err(Failure::Absent) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    };
    let heads = stream::iter(keys).map(head).buffered(AT_A_TIME);
    heads.try_filter_map(async |found| Ok(found)).try_collect().await
}
