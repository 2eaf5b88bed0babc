//! Wiring: the stores the service asks for, and its routes.

use axum::{Router, routing::get};
use tenancy::{ObjectHandle, SqlHandle, Tenancy, method_not_allowed, not_found};

pub use crate::export::Queue;
use crate::{export, itinerary, photo, user, welcome};

/// What handlers work with. Each handle leads to the stores of whatever tenant a request belongs to.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) core: SqlHandle,
    pub(crate) uploads: ObjectHandle,
    pub(crate) queue: Queue,
}

/// The service's routes: everything but `/healthz` and `/welcome` needs a tenant.
///
/// # Errors
///
/// When the configuration has no object store, or no key of the service's.
pub fn router(tenancy: &Tenancy) -> tenancy::Result<Router> {
    let queue = Queue::new(tenancy.sealer(tenancy.signer()?.name().as_str())?)?;
    let scoped = scoped(tenancy.sql("core")?, tenancy.objects("uploads")?, queue);
    let public = public().layer(tenancy.hints());
    Ok(open().merge(public).merge(scoped.layer(tenancy.layer())))
}

/// The routes that need no token and want to know whose host it is, without the layer that finds out: without it each of them
/// answers 500. For tests of the service's own.
pub fn public() -> Router {
    welcome::routes().method_not_allowed_fallback(method_not_allowed)
}

/// The routes that need a tenant, without the layer that finds out which: without it each of them answers 500. For tests
/// of the service's own, which say whose request it is.
pub fn scoped(core: SqlHandle, uploads: ObjectHandle, queue: Queue) -> Router {
    Router::new()
        .merge(user::routes())
        .merge(itinerary::routes())
        .merge(photo::routes())
        .merge(export::routes())
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(App { core, uploads, queue })
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
