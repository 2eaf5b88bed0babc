//! Wiring: the stores the service asks for, and its routes.

use axum::{Router, routing::get};
use tenancy::{ObjectHandle, SqlHandle, Tenancy};

use crate::{http, itinerary, photo, user};

/// What handlers work with. Each handle leads to the stores of whatever tenant a request belongs to.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) core: SqlHandle,
    pub(crate) uploads: ObjectHandle,
}

/// The service's routes: everything but `/healthz` needs a tenant.
///
/// # Errors
///
/// When the configuration has no object store.
pub fn router(tenancy: &Tenancy) -> tenancy::Result<Router> {
    let app = App {
        core: tenancy.sql("core")?,
        uploads: tenancy.objects("uploads")?,
    };
    let scoped = scoped().layer(tenancy.layer()).with_state(app);
    Ok(open().merge(scoped))
}

fn scoped() -> Router<App> {
    Router::new()
        .merge(user::routes())
        .merge(itinerary::routes())
        .merge(photo::routes())
        .method_not_allowed_fallback(http::method_not_allowed)
}

/// What needs no tenant: whether the process answers, and what no route answers.
fn open() -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .method_not_allowed_fallback(http::method_not_allowed)
        .fallback(http::not_found)
}
