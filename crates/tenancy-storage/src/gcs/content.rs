//! Writing and reading content, by the official client.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, stream};
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::{
    builder::storage::WriteObject,
    model::Object as Written,
    model_ext::ReadRange,
    streaming_source::{Payload, StreamingSource},
};
use parking_lot::Mutex;
use tenancy_core::{Error, Result};

use super::{Buckets, failure::Failure, meta};
use crate::{Object, ObjectKey, ObjectMeta, PutMode, backend::Content, content::exactly, place::Place};

/// What is held of a stream until the store has it: a power of two of its quantum, 256 KiB.
const HELD: usize = 8 * 1024 * 1024;
/// A key says nothing of what is in it, and a store that guesses would serve a tenant's file as a page.
const CONTENT_TYPE: &str = "application/octet-stream";

impl Buckets {
    /// A small object in one request. It is sent once: repeated after a lost answer, it would find its own object and say
    /// that the key is taken. Larger ones are resumable, which a session makes safe.
    pub(super) async fn write(
        &self,
        place: &Place,
        key: &ObjectKey,
        content: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let one_request = content.len() < HELD;
        let write = self.writing(place, key, content, mode)?;
        let write = if one_request {
            write.with_retry_policy(NeverRetry)
        } else {
            write
        };
        written(key, write.send_buffered().await.map_err(Failure::from))
    }

    pub(super) async fn write_stream(
        &self,
        place: &Place,
        key: &ObjectKey,
        content: Content,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let stopped = Arc::new(Mutex::new(None));
        let source = Source {
            content: tokio::sync::Mutex::new(content),
            stopped: Arc::clone(&stopped),
        };
        let sent = self.writing(place, key, source, mode)?.send_buffered().await;
        // what ended the content is what its writer wants to know
        let stopped = stopped.lock().take();
        match (sent, stopped) {
            (Err(_), Some(error)) => Err(error),
            (sent, _) => written(key, sent.map_err(Failure::from)),
        }
    }

    fn writing<T, S>(
        &self,
        place: &Place,
        key: &ObjectKey,
        content: T,
        mode: PutMode,
    ) -> Result<WriteObject<S>>
    where
        T: Into<Payload<S>>,
        S: StreamingSource + Send + Sync + 'static,
    {
        let path = place.path(key)?;
        let write = self
            .storage
            .write_object(bucket(place), path.as_ref(), content)
            .set_content_type(CONTENT_TYPE)
            .with_resumable_upload_threshold(HELD)
            .with_resumable_upload_buffer_size(HELD);
        Ok(match mode {
            PutMode::Create => write.set_if_generation_match(0_i64),
            PutMode::Replace => write,
        })
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
            Some(range) => read.set_read_range(ReadRange::segment(
                range.start,
                range.end.saturating_sub(range.start),
            )),
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

fn written(key: &ObjectKey, written: Result<Written, Failure>) -> Result<ObjectMeta> {
    let object = written.map_err(Failure::of_bucket)?;
    let size = u64::try_from(object.size).unwrap_or_default();
    Ok(meta(key, size, object.generation))
}

/// A caller's content. Behind a lock because the client wants to share what it reads; nobody else holds it.
struct Source {
    content: tokio::sync::Mutex<Content>,
    stopped: Arc<Mutex<Option<Error>>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the content ended with an error")]
struct Stopped;

impl StreamingSource for Source {
    type Error = Stopped;

    async fn next(&mut self) -> Option<Result<Bytes, Stopped>> {
        let next = self.content.get_mut().next().await?;
        Some(next.map_err(|error| {
            *self.stopped.lock() = Some(error);
            Stopped
        }))
    }
}
