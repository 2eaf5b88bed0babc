//! Writing and reading content, by the official client.

use std::ops::Range;

use bytes::Bytes;
use futures::{StreamExt, stream};
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::model_ext::ReadRange;
use tenancy_core::{Error, Result};

use super::{Buckets, failure::Failure, meta, parts::HELD};
use crate::{
    Object, ObjectKey, ObjectMeta, PutMode,
    content::{exactly, out_of_range},
    place::Place,
};

/// More than any object has.
const LARGEST: u64 = 1 << 60;
/// A key says nothing of what is in it, and a store that guesses would serve a tenant's file as a page.
pub(super) const CONTENT_TYPE: &str = "application/octet-stream";

impl Buckets {
    /// A small object in one request, by the official client, which sends a checksum with it. It is sent once: repeated
    /// after a lost answer, it would find its own object and say that the key is taken.
    pub(super) async fn write(
        &self,
        place: &Place,
        key: &ObjectKey,
        content: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        if content.len() >= HELD {
            return self
                .upload(place, key, stream::iter([Ok(content)]).boxed(), mode)
                .await;
        }
        let path = place.path(key)?;
        let write = self
            .storage
            .write_object(bucket(place), path.as_ref(), content)
            .set_content_type(CONTENT_TYPE)
            .with_retry_policy(NeverRetry);
        let write = match mode {
            PutMode::Create => write.set_if_generation_match(0_i64),
            PutMode::Replace => write,
        };
        let written = write.send_buffered().await.map_err(Failure::from);
        let object = written.map_err(Failure::of_bucket)?;
        let size = u64::try_from(object.size).unwrap_or_default();
        Ok(meta(key, size, object.generation))
    }

    pub(super) async fn read(
        &self,
        place: &Place,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Object> {
        let path = place.path(key)?;
        let read = self.storage.read_object(bucket(place), path.as_ref());
        let read = match &range {
            // no object is this large, and the client adds the two without looking
            Some(range) if range.start > LARGEST => return Err(out_of_range()),
            Some(range) => {
                let count = range.end.min(LARGEST).saturating_sub(range.start);
                read.set_read_range(ReadRange::segment(range.start, count))
            }
            None => read,
        };
        let opened = read.send().await.map_err(Failure::from)?;
        let said = opened.object();
        let size = u64::try_from(said.size).unwrap_or_default();
        let length = range.map_or(size, |range| range.end.min(size).saturating_sub(range.start));
        let chunks = stream::unfold(opened, async |mut opened| {
            let chunk = opened.next().await?;
            Some((chunk.map_err(|error| Error::from(Failure::from(error))), opened))
        });
        Ok(Object {
            meta: meta(key, size, said.generation),
            content: exactly(chunks.boxed(), length),
            length,
        })
    }
}

fn bucket(place: &Place) -> String {
    format!("projects/_/buckets/{}", place.bucket())
}
