//! What a request's head says: its token and its hints.

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, rejection::RawPathParamsRejection};
use http::{
    HeaderMap, HeaderName,
    header::{self, Entry},
    request::Parts,
};

use super::forwarded::Hosts;
use crate::{Error, HintSource, Hints, RequestId, Result};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The user's own token, when a service calls in its name.
const ACTOR_TOKEN: HeaderName = HeaderName::from_static("x-actor-token");
const TENANT: HeaderName = HeaderName::from_static("x-tenant-id");
/// Path parameters that name a tenant.
const PARAMETERS: [&str; 2] = ["tenant", "tenant_id"];

/// Marks the values that prove who asks: whoever prints the headers, such as a handler's log, sees `Sensitive` there.
pub(super) fn conceal(headers: &mut HeaderMap) {
    for name in [header::AUTHORIZATION, header::COOKIE, ACTOR_TOKEN] {
        if let Entry::Occupied(mut values) = headers.entry(name) {
            values.iter_mut().for_each(|value| value.set_sensitive(true));
        }
    }
}

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

/// What a route's path parameters say of the tenant. Read before the hints, which borrow it.
pub(super) enum PathTenants {
    /// The route has no such parameter: the usual case, without allocation.
    None,
    /// They are no UTF-8.
    Unreadable,
    /// The route's parameters.
    Given(RawPathParams),
}

impl PathTenants {
    pub(super) async fn of(parts: &mut Parts) -> Self {
        let route = parts.extensions.get::<MatchedPath>();
        if route.is_some_and(|route| !route.as_str().contains("tenant")) {
            return Self::None;
        }
        match RawPathParams::from_request_parts(parts, &()).await {
            Ok(parameters) => Self::Given(parameters),
            Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => Self::Unreadable,
            Err(_) => Self::None,
        }
    }
}

/// Everything in the head that names a tenant beside the proof.
pub(super) fn hints<'a>(parts: &'a Parts, path: &'a PathTenants) -> Hints<'a> {
    let mut hints = host_hints(parts);
    for value in parts.headers.get_all(TENANT) {
        hints = match value.to_str() {
            Ok(text) => hints.header(text),
            Err(_) => hints.unreadable(HintSource::Header),
        };
    }
    match path {
        PathTenants::None => hints,
        PathTenants::Unreadable => hints.unreadable(HintSource::Path),
        PathTenants::Given(parameters) => {
            let named = parameters.iter().filter(|(name, _)| PARAMETERS.contains(name));
            named.fold(hints, |hints, (_, value)| hints.path(value))
        }
    }
}

/// The hosts alone: of the `Host` header, which there is one of (RFC 9112 section 3.2), of the target, and of trusted proxies.
pub(super) fn host_hints(parts: &Parts) -> Hints<'_> {
    let mut hints = Hints::of_request();
    let mut lines = parts.headers.get_all(header::HOST).iter();
    if let Some(host) = lines.next() {
        hints = match host.to_str() {
            Ok(host) if lines.next().is_none() => hints.host(host),
            _ => hints.unreadable(HintSource::Host),
        };
    }
    if let Some(authority) = parts.uri.authority() {
        hints = hints.host(authority.as_str());
    }
    match parts.extensions.get::<Hosts>() {
        None => hints,
        Some(Hosts::Unreadable) => hints.unreadable(HintSource::Host),
        Some(Hosts::Told(hosts)) => hosts.iter().fold(hints, |hints, host| hints.host(host)),
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, extract::Request, routing::any};
    use http::HeaderValue;
    use tower::ServiceExt;

    use super::*;

    /// What a request to a router with these routes hints at.
    async fn seen(target: &str, lines: &[(&str, &[u8])]) -> String {
        async fn answer(request: Request) -> String {
            let mut parts = request.into_parts().0;
            let path = PathTenants::of(&mut parts).await;
            format!("{}", hints(&parts, &path))
        }
        let routes = [
            "/plain/{id}",
            "/of/{tenant}",
            "/by/{tenant_id}/{id}",
            "/tenants/{name}",
        ];
        let router = routes
            .iter()
            .fold(Router::new(), |router, route| router.route(route, any(answer)));
        let router = router
            .nest("/in/{tenant}", Router::new().route("/x", any(answer)))
            .nest_service("/far/{tenant}", Router::new().route("/x", any(answer)))
            .fallback(answer);
        let mut request = Request::get(target).body(Body::empty()).unwrap();
        for (name, value) in lines {
            let name: HeaderName = name.parse().unwrap();
            request
                .headers_mut()
                .append(name, HeaderValue::from_bytes(value).unwrap());
        }
        let answer = router.oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    async fn check(target: &str, lines: &[(&str, &[u8])], expect: &str) {
        assert_eq!(seen(target, lines).await, expect, "{target} {lines:?}");
    }

    #[tokio::test]
    async fn what_names_a_tenant_is_a_hint() {
        check("/plain/7", &[], "").await;
        check("/plain/7", &[("host", b"a.example:80")], "Host a.example:80").await;
        check("/plain/7", &[("x-tenant-id", b"acme")], "Header acme").await;
        check("/of/acme", &[], "Path acme").await;
        check("/of/%61cme", &[], "Path acme").await;
        check("/by/acme/7", &[("host", b"h")], "Host h, Path acme").await;
        check("/in/acme/x", &[], "Path acme").await;
        check("/far/acme/x", &[], "Path acme").await;
        check("/tenants/acme", &[], "").await;
        check("/none/acme", &[], "").await;
    }

    #[tokio::test]
    async fn every_one_of_them_counts() {
        check(
            "http://t.example:1/plain/7",
            &[("host", b"a.example")],
            "Host a.example, Host t.example:1",
        )
        .await;
        check("http://u@t.example/plain/7", &[], "Host u@t.example").await;
        let two: &[(&str, &[u8])] = &[("x-tenant-id", b"acme"), ("x-tenant-id", b"globex")];
        check("/plain/7", two, "Header acme, Header globex").await;
        check("/plain/7", &[("x-tenant-id", b"")], "Header ").await;
    }

    #[tokio::test]
    async fn what_can_not_be_read_names_nobody() {
        check(
            "/plain/7",
            &[("host", b"a.example"), ("host", b"a.example")],
            "Host ",
        )
        .await;
        check("/plain/7", &[("host", b"\xe4.example")], "Host ").await;
        check("/plain/7", &[("x-tenant-id", b"\xe4")], "Header ").await;
        check("/of/%e4", &[], "Path ").await;
        check("/far/%e4/x", &[], "Path ").await;
        check("/plain/%e4", &[], "").await;
    }

    #[test]
    fn what_trusted_proxies_say_counts_beside_the_request_itself() {
        let told = |hosts: Hosts| {
            let request = Request::get("/").header("host", "inner").body(()).unwrap();
            let mut parts = request.into_parts().0;
            parts.extensions.insert(hosts);
            host_hints(&parts).to_string()
        };
        let hosts = ["a.example".to_owned(), "b.example".to_owned()];
        assert_eq!(
            told(Hosts::Told(hosts.into())),
            "Host inner, Host a.example, Host b.example"
        );
        assert_eq!(told(Hosts::Unreadable), "Host inner, Host ");
    }

    #[tokio::test]
    async fn without_the_layer_nobody_forwards() {
        let lines: &[(&str, &[u8])] = &[
            ("x-forwarded-host", b"a.example"),
            ("forwarded", b"host=a.example"),
        ];
        check("/plain/7", lines, "").await;
    }
}
