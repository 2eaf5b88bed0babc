//! Content that ends.

use std::time::Duration;

use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tenancy_core::{Error, FieldError, Result};

/// How long the store may take for one chunk.
const PATIENCE: Duration = Duration::from_secs(10);

/// `size` bytes of `inner`, or an error: never less without saying so, and never a wait without an end.
///
/// A file that got shorter while it was read gives empty chunks for ever; the first one ends the stream. The end is asked for
/// too: a client that compares checksums does so there.
pub(crate) fn exactly<E: Into<Error> + Send + 'static>(
    inner: BoxStream<'static, Result<Bytes, E>>,
    size: u64,
) -> BoxStream<'static, Result<Bytes>> {
    let step = |(mut inner, left): (BoxStream<'static, Result<Bytes, E>>, u64)| async move {
        let chunk = tokio::time::timeout(PATIENCE, inner.next())
            .await
            .map_err(|_| Error::unavailable("the object store stopped sending an object's content"))?;
        let chunk = chunk.transpose().map_err(Into::into)?.unwrap_or_default();
        match left.checked_sub(chunk.len() as u64) {
            Some(0) if left == 0 => Ok(None),
            Some(rest) if rest < left => Ok(Some((chunk, (inner, rest)))),
            _ => Err(Error::unavailable(
                "an object's content changed while it was read",
            )),
        }
    };
    stream::try_unfold((inner, size), step).boxed()
}

/// For a range without a byte of the object in it.
pub(crate) fn out_of_range() -> Error {
    Error::invalid(vec![FieldError::new("range", "has no byte of the object in it")])
}

/// The same content, which ends with an error (413) before it has more than `limit` bytes.
pub(crate) fn at_most(
    content: BoxStream<'static, Result<Bytes>>,
    limit: u64,
) -> BoxStream<'static, Result<Bytes>> {
    let mut left = limit;
    let count = move |chunk: Result<Bytes>| {
        let chunk = chunk?;
        left = left
            .checked_sub(chunk.len() as u64)
            .ok_or_else(|| Error::too_large(limit))?;
        Ok(chunk)
    };
    content.map(count).boxed()
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use tenancy_core::Kind;

    use super::*;

    async fn check(chunks: &[&'static str], size: u64, expect: Result<&str, Kind>) {
        let chunks: Vec<Result<Bytes>> = chunks
            .iter()
            .map(|c| Ok(Bytes::from_static(c.as_bytes())))
            .collect();
        let read: Result<Vec<Bytes>> = exactly(stream::iter(chunks).boxed(), size)
            .take(10)
            .try_collect()
            .await;
        let read = read
            .map(|all| String::from_utf8(all.concat()).unwrap())
            .map_err(|e| e.kind());
        assert_eq!(read.as_deref().map_err(|kind| *kind), expect);
    }

    #[tokio::test]
    async fn content_has_its_size_or_fails() {
        check(&["ab", "c"], 3, Ok("abc")).await;
        check(&[], 0, Ok("")).await;
        check(&["ab"], 3, Err(Kind::Unavailable)).await;
        check(&["ab", "cd"], 3, Err(Kind::Unavailable)).await;
        check(&["abc", "d"], 3, Err(Kind::Unavailable)).await;
        check(&["a"], 0, Err(Kind::Unavailable)).await;
    }

    #[tokio::test]
    async fn an_error_at_the_end_is_heard() {
        let chunks = [
            Ok(Bytes::from_static(b"abc")),
            Err(Error::unavailable("the checksum is another")),
        ];
        let read: Result<Vec<Bytes>> = exactly(stream::iter(chunks).boxed(), 3).try_collect().await;
        assert_eq!(read.unwrap_err().kind(), Kind::Unavailable);
    }

    #[tokio::test]
    async fn empty_chunks_end_the_stream() {
        let empty = stream::repeat_with(|| Ok::<_, Error>(Bytes::new())).boxed();
        let read: Result<Vec<Bytes>> = exactly(empty, 3).take(10).try_collect().await;
        assert_eq!(read.unwrap_err().kind(), Kind::Unavailable);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_store_ends_the_stream() {
        let silent = stream::pending::<Result<Bytes>>().boxed();
        let read: Result<Vec<Bytes>> = exactly(silent, 3).try_collect().await;
        assert_eq!(read.unwrap_err().kind(), Kind::Unavailable);
    }
}
