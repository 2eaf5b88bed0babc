//! The service of [`TenantLayer`](super::TenantLayer).

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    body::Body,
    extract::MatchedPath,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Request, request::Parts};
use tower::Service;
use tracing::{Instrument, Span, field::Empty};

use super::{Credentials, bearer, bearer::PathTenants, layer::Shared};
use crate::{
    Error, RequestId, Result, TenantContext,
    telemetry::{REQUEST_SPAN, TENANT_ID, TENANT_TIER},
};

/// See [`TenantLayer`](super::TenantLayer).
#[derive(Clone)]
pub struct TenantService<S> {
    pub(super) inner: S,
    pub(super) shared: Arc<Shared>,
}

/// The response of a [`TenantService`].
#[must_use = "futures do nothing unless polled"]
pub struct TenantFuture<E> {
    response: Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>,
}

impl<E> Future for TenantFuture<E> {
    type Output = Result<Response, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.response.as_mut().poll(cx)
    }
}

impl<S> Service<Request<Body>> for TenantService<S>
where
    S: Service<Request<Body>, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = TenantFuture<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        let (shared, id) = (Arc::clone(&self.shared), bearer::request_id(request.headers()));
        let span = span(&request, id);
        TenantFuture {
            response: Box::pin(answer(shared, ready, request, id).instrument(span)),
        }
    }
}

fn span(request: &Request<Body>, id: RequestId) -> Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    tracing::info_span!(
        REQUEST_SPAN,
        request.id = %id,
        tenant.id = Empty,
        tenant.tier = Empty,
        http.method = %request.method(),
        http.route = route,
    )
}

async fn answer<S>(
    shared: Arc<Shared>,
    service: S,
    request: Request<Body>,
    id: RequestId,
) -> Result<Response, S::Error>
where
    S: Service<Request<Body>, Response = Response>,
{
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    let mut response = match resolve(&shared, &mut parts, id, started).await {
        Ok(context) => {
            parts.extensions.insert(context);
            handle(&shared, service, Request::from_parts(parts, body)).await?
        }
        Err(error) => error.into_response(),
    };
    conclude(&mut response, id, started);
    Ok(response)
}

/// The client is told the request's id, and the log how it ended.
fn conclude(response: &mut Response, id: RequestId, started: Instant) {
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(bearer::REQUEST_ID, value);
    }
    let micros = started.elapsed().as_micros();
    tracing::info!(
        http.status = response.status().as_u16(),
        duration_us = u64::try_from(micros).unwrap_or(u64::MAX),
        "answered"
    );
}

async fn resolve(
    shared: &Shared,
    parts: &mut Parts,
    id: RequestId,
    started: Instant,
) -> Result<TenantContext> {
    let path = PathTenants::of(parts).await;
    let credentials = Credentials {
        bearer: bearer::bearer(&parts.headers)?,
        actor: bearer::actor_token(&parts.headers)?,
        method: &parts.method,
        path: parts.uri.path(),
    };
    let principal = shared.authenticate.authenticate(credentials).await?;
    let hints = bearer::hints(parts, &path);
    let deadline = started.checked_add(shared.timeout);
    let context = shared.resolver.resolve(&principal, &hints, id, deadline).await?;
    Span::current()
        .record(TENANT_ID, tracing::field::display(context.tenant_id()))
        .record(TENANT_TIER, context.tier().as_str());
    Ok(context)
}

/// Runs the handler under the deadline; a handler that misses it is dropped.
async fn handle<S>(shared: &Shared, mut service: S, request: Request<Body>) -> Result<Response, S::Error>
where
    S: Service<Request<Body>, Response = Response>,
{
    match tokio::time::timeout(shared.timeout, service.call(request)).await {
        Ok(response) => response,
        Err(_) => Ok(Error::unavailable("the handler missed its deadline").into_response()),
    }
}
