//! What has no tenant.

use axum::{Router, routing::get};

/// The routes that have no tenant and need no token, to be merged after [`Tenancy::layer`](crate::Tenancy::layer) was put on the
/// others: `/healthz`, which answers 200 while the process serves and asks nobody.
///
/// `/metrics` is not among them, for it names the busiest tenants: put
/// [`metrics_handler`](crate::telemetry::metrics_handler) on a router of its own, where only the platform asks.
///
/// ```
/// # use axum::{Router, routing::get};
/// # fn app(layer: tenancy::TenantLayer) -> Router {
/// let tenants = Router::new().route("/notes", get(|| async { "…" }));
/// Router::new().merge(tenants.layer(layer)).merge(tenancy::open_routes())
/// # }
/// ```
pub fn open_routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/healthz", get(|| async { "ok" }))
}
