//! Contexts and permits as extractors.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::guard::no_layer;
use crate::{Error, Permission, Permit, TenantContext};

/// The context that [`TenantLayer`](super::TenantLayer) made. A route without the layer gets a 500 and no data.
impl<S: Send + Sync> FromRequestParts<S> for TenantContext {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let context = parts.extensions.get::<Self>().cloned();
        context.ok_or_else(no_layer)
    }
}

/// The check as an extractor: the handler does not run without the permission.
impl<S: Send + Sync, P: Permission> FromRequestParts<S> for Permit<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let context = TenantContext::from_request_parts(parts, state).await?;
        // what a guard decided for this very context is not decided, and recorded, twice
        let guarded = parts.extensions.get::<Self>();
        match guarded.filter(|permit| permit.context().is(&context)) {
            Some(permit) => Ok(permit.clone()),
            None => Self::check(&context),
        }
    }
}
