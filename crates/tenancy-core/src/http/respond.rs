//! Errors as responses.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use crate::{Error, Kind};

/// In the extensions of a response that an [`Error`] made: the layer counts it, and takes it out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Denial {
    pub(super) kind: Kind,
    pub(super) code: &'static str,
}

impl IntoResponse for Error {
    /// problem+json (RFC 9457), `Retry-After` where it helps, `WWW-Authenticate` with a 401 (RFC 9110 section 11.6.1).
    /// Logs what the client does not see.
    fn into_response(self) -> Response {
        log(&self);
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = problem.retry_after_seconds() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind() == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let (kind, code) = (self.kind(), problem.code());
        response.extensions_mut().insert(Denial { kind, code });
        response
    }
}

fn log(error: &Error) {
    let (kind, code, log) = (
        error.kind(),
        error.problem().code(),
        error.log().unwrap_or_default(),
    );
    match kind {
        Kind::Internal => tracing::error!(?kind, code, log, "refused"),
        Kind::Unavailable => tracing::warn!(?kind, code, log, "refused"),
        _ => tracing::info!(?kind, code, log, "refused"),
    }
}
