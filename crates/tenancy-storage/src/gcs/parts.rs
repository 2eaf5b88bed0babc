//! A stream in parts of one size.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tenancy_core::Result;

use crate::backend::Content;

/// What is held until the store has it: a multiple of its quantum, 256 KiB.
pub(super) const HELD: usize = 8 * 1024 * 1024;

/// Consecutive bytes of the content.
pub(super) struct Part {
    /// Where in the content they begin.
    pub(super) from: u64,
    bytes: Bytes,
    /// Of the last part: the CRC32C of the whole content.
    pub(super) sum: Option<u32>,
}

impl Part {
    pub(super) fn end(&self) -> u64 {
        self.from + self.bytes.len() as u64
    }

    /// What is left after the content's first `had` bytes.
    pub(super) fn after(&self, had: u64) -> Bytes {
        let skip = usize::try_from(had.saturating_sub(self.from)).unwrap_or(usize::MAX);
        self.bytes.slice(skip.min(self.bytes.len())..)
    }

    /// The `Content-Range` of that; the size of the whole is known with the last part.
    pub(super) fn range(&self, had: u64) -> String {
        let (had, end) = (had.max(self.from), self.end());
        let total = self.sum.map_or_else(|| "*".to_owned(), |_| end.to_string());
        if had < end {
            format!("bytes {had}-{}/{total}", end - 1)
        } else {
            format!("bytes */{total}")
        }
    }
}

/// The content in parts of [`HELD`] bytes; the last one is shorter, and may be empty.
pub(super) struct Parts {
    content: Content,
    held: BytesMut,
    rest: Bytes,
    from: u64,
    sum: u32,
}

impl Parts {
    pub(super) fn new(content: Content) -> Self {
        Self {
            content,
            held: BytesMut::new(),
            rest: Bytes::new(),
            from: 0,
            sum: 0,
        }
    }

    /// The next part. Not to be asked again after the last one, or after an error.
    pub(super) async fn next(&mut self) -> Result<Part> {
        let mut more = true;
        while self.held.len() < HELD && more {
            if self.rest.is_empty() {
                match self.content.next().await {
                    Some(chunk) => self.rest = chunk?,
                    None => more = false,
                }
            }
            let take = self.rest.len().min(HELD - self.held.len());
            self.held.extend_from_slice(&self.rest.split_to(take));
        }
        let bytes = self.held.split().freeze();
        self.sum = crc32c::crc32c_append(self.sum, &bytes);
        let from = self.from;
        self.from += bytes.len() as u64;
        Ok(Part {
            from,
            bytes,
            sum: (!more).then_some(self.sum),
        })
    }
}

/// The header that the store compares with what it has.
pub(super) fn hash(sum: u32) -> String {
    format!("crc32c={}", BASE64_STANDARD.encode(sum.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    async fn check(chunks: &[usize], expect: &[&str]) {
        let whole: Vec<u8> = (0..chunks.iter().sum::<usize>())
            .map(|n| (n % 251) as u8)
            .collect();
        let mut rest = Bytes::from(whole.clone());
        let chunks: Vec<Result<Bytes>> = chunks.iter().map(|size| Ok(rest.split_to(*size))).collect();
        let mut parts = Parts::new(stream::iter(chunks).boxed());
        let (mut ranges, mut read) = (Vec::new(), Vec::new());
        loop {
            let part = parts.next().await.unwrap();
            ranges.push(part.range(part.from));
            read.extend_from_slice(&part.after(part.from));
            if let Some(sum) = part.sum {
                assert_eq!(sum, crc32c::crc32c(&whole));
                break;
            }
        }
        assert_eq!(ranges, expect);
        assert!(read == whole);
    }

    #[tokio::test]
    async fn content_is_cut_into_parts_and_summed() {
        check(&[], &["bytes */0"]).await;
        check(&[3, 0, 4], &["bytes 0-6/7"]).await;
        check(&[HELD], &["bytes 0-8388607/*", "bytes */8388608"]).await;
        check(
            &[HELD - 1, 2],
            &["bytes 0-8388607/*", "bytes 8388608-8388608/8388609"],
        )
        .await;
        check(
            &[2 * HELD + 5],
            &[
                "bytes 0-8388607/*",
                "bytes 8388608-16777215/*",
                "bytes 16777216-16777220/16777221",
            ],
        )
        .await;
    }

    #[test]
    fn a_part_is_taken_up_after_what_the_store_has() {
        let part = Part {
            from: 10,
            bytes: Bytes::from_static(b"abcdef"),
            sum: Some(1),
        };
        let check = |had: u64, range: &str, rest: &str| {
            assert_eq!(
                (part.range(had).as_str(), part.after(had)),
                (range, rest.to_owned().into())
            );
        };
        check(10, "bytes 10-15/16", "abcdef");
        check(14, "bytes 14-15/16", "ef");
        check(16, "bytes */16", "");
    }
}
