//! Guards in front of routes: a permission, or a feature of the plan.

use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{Extensions, Request};
use tower::{Layer, Service};

use crate::{Error, Feature, Permission, Permit, Result, TenantContext};

/// Lets in who has `P`; anybody else gets the problem that [`Permit::check`] says. For `Router::route_layer`, inside of the
/// [`TenantLayer`](super::TenantLayer):
///
/// ```
/// # use axum::{Router, routing::get};
/// # use tenancy_core::{Feature, SettingsUpdate, http::{require, require_feature}};
/// let settings: Router = Router::new()
///     .route("/settings", get(|| async { "…" }))
///     .route_layer(require::<SettingsUpdate>())
///     .route_layer(require_feature(Feature::CustomRoles));
/// ```
///
/// A handler behind it that takes a `Permit<P>` gets the one that the guard made.
#[must_use]
pub fn require<P: Permission>() -> RequirePermission<P> {
    RequirePermission(PhantomData)
}

/// Lets in tenants whose plan has `feature`; anybody else gets the problem that names the feature and the plan that has it.
#[must_use]
pub fn require_feature(feature: Feature) -> RequireFeature {
    RequireFeature(feature)
}

/// The layer that [`require`] gives.
#[derive(Debug)]
pub struct RequirePermission<P>(PhantomData<fn() -> P>);

/// The layer that [`require_feature`] gives.
#[derive(Clone, Copy, Debug)]
pub struct RequireFeature(Feature);

impl<P> Clone for RequirePermission<P> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

/// A route behind a guard.
#[derive(Clone, Debug)]
pub struct Guarded<G, S> {
    guard: G,
    inner: S,
}

/// What a guard asks before the route is called.
trait Guard {
    fn admit(&self, context: TenantContext, extensions: &mut Extensions) -> Result<()>;
}

impl<P: Permission> Guard for RequirePermission<P> {
    fn admit(&self, context: TenantContext, extensions: &mut Extensions) -> Result<()> {
        extensions.insert(Permit::<P>::check(&context)?);
        Ok(())
    }
}

impl Guard for RequireFeature {
    fn admit(&self, context: TenantContext, _: &mut Extensions) -> Result<()> {
        context.require(self.0)
    }
}

impl<P, S> Layer<S> for RequirePermission<P> {
    type Service = Guarded<Self, S>;

    fn layer(&self, inner: S) -> Self::Service {
        let guard = self.clone();
        Guarded { guard, inner }
    }
}

impl<S> Layer<S> for RequireFeature {
    type Service = Guarded<Self, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded { guard: *self, inner }
    }
}

impl<G: Guard, S> Service<Request<Body>> for Guarded<G, S>
where
    S: Service<Request<Body>, Response = Response>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = GuardedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let context = request.extensions().get::<TenantContext>().cloned();
        let context = context.ok_or_else(no_layer);
        match context.and_then(|context| self.guard.admit(context, request.extensions_mut())) {
            Ok(()) => GuardedFuture::Admitted(Box::pin(self.inner.call(request))),
            Err(error) => GuardedFuture::Refused(Some(error)),
        }
    }
}

pub(super) fn no_layer() -> Error {
    Error::internal("the route has no tenant layer: add `.layer(tenancy.layer())`")
}

/// The response of a [`Guarded`] route.
#[must_use = "futures do nothing unless polled"]
pub enum GuardedFuture<F> {
    /// The route answers.
    Admitted(Pin<Box<F>>),
    /// The guard answers.
    Refused(Option<Error>),
}

impl<F, E> Future for GuardedFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Admitted(route) => route.as_mut().poll(cx),
            Self::Refused(error) => match error.take() {
                Some(error) => Poll::Ready(Ok(error.into_response())),
                None => Poll::Pending,
            },
        }
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
