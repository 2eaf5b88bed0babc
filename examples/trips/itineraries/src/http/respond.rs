//! Responses with entity tags.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tenancy::{Error, Json};

use super::EntityTag;

/// A tenant's data is for its own user's cache only, and asked for again each time.
pub(crate) const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// 200 with the representation and its tag.
pub(crate) fn tagged<T: Serialize>(tag: &EntityTag, body: T) -> Response {
    let headers = [(header::ETAG, tag.header()), (header::CACHE_CONTROL, PRIVATE)];
    (headers, Json(body)).into_response()
}

/// 304 with the tag.
pub(crate) fn not_modified(tag: &EntityTag) -> Response {
    let headers = [(header::ETAG, tag.header()), (header::CACHE_CONTROL, PRIVATE)];
    (StatusCode::NOT_MODIFIED, headers).into_response()
}

/// 201 with where it is, the representation and its tag.
pub(crate) fn created<T: Serialize>(location: &str, tag: &EntityTag, body: T) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return Error::internal("the location is no header value").into_response();
    };
    let headers = [(header::LOCATION, location), (header::ETAG, tag.header())];
    (StatusCode::CREATED, headers, Json(body)).into_response()
}
