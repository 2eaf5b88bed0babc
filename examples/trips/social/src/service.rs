//! Wiring: the database the service asks for, and its routes.

use axum::{Router, routing::get};
use tenancy::{Feature, SqlHandle, Tenancy, method_not_allowed, not_found, require_feature};

use crate::{comment, itinerary::Itineraries, like};

/// What handlers work with. The handle leads to the database of whatever tenant a request belongs to.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) social: SqlHandle,
    pub(crate) itineraries: Itineraries,
}

/// The service's routes: everything but `/healthz` needs a tenant whose plan has the feature.
///
/// # Errors
///
/// When the configuration does not say where `itineraries` is, or has no key of this service's to call it with.
pub fn router(tenancy: &Tenancy) -> tenancy::Result<Router> {
    let scoped = scoped(tenancy.sql("social")?, Itineraries::new(tenancy)?);
    Ok(open().merge(scoped.layer(tenancy.layer())))
}

/// The routes that need a tenant, without the layer that finds out which: without it each of them answers 500. For tests
/// of the service's own, which say whose request it is.
pub fn scoped(social: SqlHandle, itineraries: Itineraries) -> Router {
    Router::new()
        .merge(comment::routes())
        .merge(like::routes())
        .method_not_allowed_fallback(method_not_allowed)
        .layer(require_feature(Feature::Social))
        .with_state(App { social, itineraries })
}

/// What needs no tenant: whether the process answers, and what no route answers.
fn open() -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Request, header},
        middleware::{Next, from_fn},
    };
    use tenancy::Error;
    use tower::ServiceExt;

    use super::*;

    async fn refuse(_: Request<Body>, _: Next) -> Error {
        Error::unauthenticated("closed")
    }

    /// The open routes beside some that let nobody in.
    async fn check(method: &str, path: &str, status: u16) {
        let closed = Router::new().route("/closed", get(|| async {}));
        let closed = closed.layer(from_fn(refuse));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let answer = open().merge(closed).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        let problem = answer
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value == "application/problem+json");
        assert_eq!(problem, status >= 400, "{method} {path}");
    }

    #[tokio::test]
    async fn what_needs_no_tenant_needs_no_token() {
        check("GET", "/healthz", 200).await;
        check("POST", "/healthz", 405).await;
        check("GET", "/no/such/route", 404).await;
        check("GET", "/", 404).await;
        check("GET", "/closed", 401).await;
    }
}
