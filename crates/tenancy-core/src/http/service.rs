//! The service of [`TenantLayer`](super::TenantLayer).

use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::Request;
use tokio::time::Instant;
use tower::Service;
use tracing::{Instrument, Span};

use super::{bearer, deadline::until, held::hold, layer::Shared, observe::Observed};
use crate::{Error, Result};

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

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        bearer::conceal(request.headers_mut());
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        let open = Open::new(Arc::clone(&self.shared), Observed::new(&request));
        let span = open.observed.span();
        if let Some(hook) = open.shared.on_span {
            hook(&span, request.headers());
        }
        TenantFuture {
            response: Box::pin(answer(open, ready, request, span.clone()).instrument(span)),
        }
    }
}

async fn answer<S>(
    mut open: Open,
    service: S,
    request: Request<Body>,
    span: Span,
) -> Result<Response, S::Error>
where
    S: Service<Request<Body>, Response = Response>,
{
    let (mut parts, body) = request.into_parts();
    let mut response = match open.shared.admit(&mut parts, &mut open.observed, &span).await {
        Ok((context, place)) => {
            parts.extensions.insert(context);
            let request = Request::from_parts(parts, body);
            let deadline = open.shared.deadline(&open.observed);
            let response = handle(service, request, deadline).await?;
            hold(response, place, deadline)
        }
        Err(error) => error.into_response(),
    };
    open.conclude(&mut response);
    Ok(response)
}

/// A request without its answer yet. Dropped so, it is counted as one whose client went away.
struct Open {
    observed: Observed,
    shared: Arc<Shared>,
    answered: bool,
}

impl Open {
    fn new(shared: Arc<Shared>, observed: Observed) -> Self {
        let answered = false;
        Self {
            observed,
            shared,
            answered,
        }
    }

    fn conclude(mut self, response: &mut Response) {
        self.answered = true;
        self.observed.conclude(response, &self.shared.series);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.answered {
            self.observed.abandon(&self.shared.series);
        }
    }
}

/// Runs the handler under the deadline; a handler that misses it is dropped.
async fn handle<S>(mut service: S, request: Request<Body>, deadline: Instant) -> Result<Response, S::Error>
where
    S: Service<Request<Body>, Response = Response>,
{
    match until(deadline, pin!(service.call(request))).await {
        Some(response) => response,
        None => Ok(Error::unavailable("the handler missed its deadline").into_response()),
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
