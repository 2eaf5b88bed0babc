//! `/welcome`: what a page knows before anybody signed in.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::get,
};
use serde::Serialize;
use tenancy::{HintedTenant, Json};

/// Whose host it is may change with every request: a tenant that is suspended is not welcomed out of a cache.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What a browser needs to sign in. The host named the tenant, and nobody proved anything: there is no store to open with it.
#[derive(Debug, Serialize)]
struct Welcome<'t> {
    tenant: &'t str,
    /// The user pool, for the identity provider's own client.
    identity_tenant: &'t str,
}

pub(crate) fn routes() -> Router {
    Router::new().route("/welcome", get(welcome))
}

async fn welcome(hinted: HintedTenant) -> impl IntoResponse {
    let welcome = Welcome {
        tenant: hinted.slug().as_str(),
        identity_tenant: hinted.identity_tenant().as_str(),
    };
    ([(header::CACHE_CONTROL, NO_STORE)], Json(&welcome)).into_response()
}
