//! The feature that the whole service is.

use axum::{extract::Request, middleware::Next, response::Response};
use tenancy::{Feature, Result, TenantContext};

/// Lets a request through when the tenant's plan has the feature. One place for every route, so none can forget it.
pub(crate) async fn entitled(ctx: TenantContext, request: Request, next: Next) -> Result<Response> {
    ctx.require(Feature::Social)?;
    Ok(next.run(request).await)
}
