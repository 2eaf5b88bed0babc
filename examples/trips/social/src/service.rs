//! Wiring: the database the service asks for, and its routes.

use axum::{Router, middleware::from_fn, routing::get};
use tenancy::{SqlHandle, Tenancy};

use crate::{comment, http, like};

/// What handlers work with. The handle leads to the database of whatever tenant a request belongs to.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) social: SqlHandle,
}

/// The service's routes: everything but `/healthz` needs a tenant whose plan has the feature.
///
/// # Errors
///
/// None today: opening a handle to a database opens nothing.
pub fn router(tenancy: &Tenancy) -> tenancy::Result<Router> {
    let app = App {
        social: tenancy.sql("social")?,
    };
    // the last layer is the outermost: the tenant, then what it may use
    let scoped = scoped().layer(from_fn(http::entitled)).layer(tenancy.layer());
    Ok(open().merge(scoped.with_state(app)))
}

fn scoped() -> Router<App> {
    Router::new()
        .merge(comment::routes())
        .merge(like::routes())
        .method_not_allowed_fallback(http::method_not_allowed)
}

/// What needs no tenant: whether the process answers, and what no route answers.
fn open() -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .method_not_allowed_fallback(http::method_not_allowed)
        .fallback(http::not_found)
}
