//! What a request's head says: its token and its hints.

use axum::extract::{FromRequestParts, RawPathParams};
use http::{HeaderMap, HeaderName, header, request::Parts};

use crate::{Error, Hints, RequestId, Result};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The user's own token, when a service calls in its name.
const ACTOR_TOKEN: HeaderName = HeaderName::from_static("x-actor-token");
const TENANT: HeaderName = HeaderName::from_static("x-tenant-id");
/// Path parameters that name a tenant.
const PARAMETERS: [&str; 2] = ["tenant", "tenant_id"];

/// The bearer token (RFC 6750 section 2.1): exactly one `Authorization` header.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Error::unauthenticated("not exactly one authorization header"));
    };
    let text = value
        .to_str()
        .map_err(|_| Error::unauthenticated("the authorization header is no text"))?;
    let (scheme, token) = text
        .split_once(' ')
        .ok_or_else(|| Error::unauthenticated("no bearer token"))?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Error::unauthenticated("no bearer token"));
    }
    Ok(token)
}

/// The token of the user in whose name a service calls: at most one.
pub(super) fn actor_token(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut values = headers.get_all(ACTOR_TOKEN).iter();
    let (value, None) = (values.next(), values.next()) else {
        return Err(Error::unauthenticated("more than one actor token"));
    };
    let text = value.map(http::HeaderValue::to_str).transpose();
    text.map_err(|_| Error::unauthenticated("the actor token is no text"))
}

/// The caller's request id when it is a UUID, else a new one.
pub(super) fn request_id(headers: &HeaderMap) -> RequestId {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    given.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Everything in the head that names a tenant beside the token. What is no text names no tenant that exists.
pub(super) async fn hints(parts: &mut Parts) -> Hints {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut hosts: Vec<String> = parts.headers.get_all(header::HOST).iter().map(text).collect();
    hosts.extend(
        parts
            .uri
            .authority()
            .map(|authority| authority.as_str().to_owned()),
    );
    let mut tenants: Vec<String> = parts.headers.get_all(TENANT).iter().map(text).collect();
    if let Ok(parameters) = RawPathParams::from_request_parts(parts, &()).await {
        let named = parameters.iter().filter(|(name, _)| PARAMETERS.contains(name));
        tenants.extend(named.map(|(_, value)| value.to_owned()));
    }
    Hints { hosts, tenants }
}
