//! The body of an upload.

use axum::{
    extract::{FromRequest, Request},
    http::StatusCode,
};
use bytes::Bytes;
use tenancy::{Error, FieldError, Result};

use super::{MAX_BYTES, digest::Digest, media_type::MediaType};

/// A photo's content: 415 for a type that is no photo's, 413 beyond 5 MiB, 422 when it is empty.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) media_type: MediaType,
    pub(crate) content: Bytes,
    pub(crate) sha256: Digest,
}

impl Upload {
    /// Bytes. At most the limit, so always representable.
    pub(crate) fn size(&self) -> i64 {
        i64::try_from(self.content.len()).unwrap_or(i64::MAX)
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let media_type = MediaType::of(request.headers())?;
        let content = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Error::too_large(MAX_BYTES as u64)
            } else {
                Error::malformed("the body can't be read", Vec::new())
            }
        })?;
        if content.is_empty() {
            return Err(Error::invalid(vec![FieldError::new("body", "not empty")]));
        }
        let sha256 = Digest::of(&content);
        Ok(Self {
            media_type,
            content,
            sha256,
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::{RequestExt, body::Body, extract::DefaultBodyLimit, http::header};

    use super::*;

    async fn status(media_type: &str, bytes: usize) -> u16 {
        let mut request = Request::new(Body::from(vec![7; bytes]));
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type.parse().unwrap());
        DefaultBodyLimit::max(MAX_BYTES).apply(&mut request);
        request
            .extract::<Upload, _>()
            .await
            .map_or_else(|error| error.problem().status(), |_| 200)
    }

    #[tokio::test]
    async fn a_photo_has_a_type_and_between_one_byte_and_five_mebibytes() {
        assert_eq!(status("image/png", 1).await, 200);
        assert_eq!(status("image/png", MAX_BYTES).await, 200);
        assert_eq!(status("image/png", MAX_BYTES + 1).await, 413);
        assert_eq!(status("image/png", 0).await, 422);
        assert_eq!(status("text/html", MAX_BYTES + 1).await, 415);
    }
}
