//! `/welcome`: a host is enough to be told where to sign in, and for nothing else.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use http_body_util::BodyExt;
use serde_json::json;
use tenancy::HintLayer;
use tenancy_core::{
    Deployment, HostPolicy, Resolver, StaticMemberships, TenantRecord, TenantStatus,
    directory::StaticDirectory,
};
use tenancy_testkit::tenant;
use tower::ServiceExt;

use crate::support::Answer;

/// The public routes, where these tenants are; pinned to one when it is named.
fn public(tenants: &[TenantRecord], pin: Option<&TenantRecord>) -> Router {
    let resolver = Resolver::new(
        Arc::new(StaticDirectory::new(tenants.to_vec()).unwrap()),
        Arc::new(StaticMemberships::new([])),
        pin.map_or(Deployment::Shared, |tenant| Deployment::Pinned(tenant.id)),
        HostPolicy::new("app.example.com", ["trips.internal".to_owned()]),
    );
    itineraries::public().layer(HintLayer::new(Arc::new(resolver)))
}

async fn ask(router: &Router, method: Method, path: &str, host: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("host", host);
    // what else a stranger may say changes nothing
    let request = request.header("x-tenant-id", "globex");
    let response = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

async fn welcome(router: &Router, host: &str) -> Answer {
    ask(router, Method::GET, "/welcome", host).await
}

fn tenants() -> [TenantRecord; 3] {
    let mut late = tenant("late", "free".parse().unwrap());
    late.status = TenantStatus::Suspended;
    let mut globex = tenant("globex", "enterprise".parse().unwrap());
    globex.custom_host = Some("trips.globex.example".to_owned());
    [tenant("acme", "free".parse().unwrap()), globex, late]
}

#[tokio::test]
async fn a_host_says_whose_page_it_is_and_the_page_where_to_sign_in() {
    let tenants = tenants();
    let router = public(&tenants, None);
    for (host, slug) in [
        ("acme.app.example.com", "acme"),
        ("globex.app.example.com", "globex"),
        ("trips.globex.example", "globex"),
    ] {
        let record = tenants
            .iter()
            .find(|tenant| tenant.slug.as_str() == slug)
            .unwrap();
        let answer = welcome(&router, host).await;
        assert_eq!(answer.status, 200, "{host}");
        let says = json!({ "tenant": slug, "identity_tenant": record.identity_tenant });
        assert_eq!(answer.json(), says, "{host}");
        // who is suspended meanwhile is not welcomed out of a cache
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    }
}

#[tokio::test]
async fn who_has_no_page_reads_like_nobody() {
    let tenants = tenants();
    let (shared, pinned) = (public(&tenants, None), public(&tenants, Some(&tenants[0])));
    let nobody = welcome(&shared, "nobody.app.example.com").await;
    assert_eq!(nobody.problem(), (404, Vec::new()));
    for (router, host) in [
        (&shared, "late.app.example.com"),
        (&shared, "app.example.com"),
        (&shared, "trips.internal"),
        (&shared, "acme.evil.example"),
        (&shared, ""),
        (&pinned, "globex.app.example.com"),
        (&pinned, "trips.globex.example"),
        (&pinned, "app.example.com"),
    ] {
        let answer = welcome(router, host).await;
        let seen = |answer: &Answer| (answer.status, answer.body.clone(), answer.headers.clone());
        assert_eq!(seen(&answer), seen(&nobody), "{host}");
    }
    assert_eq!(welcome(&pinned, "acme.app.example.com").await.status, 200);
}

#[tokio::test]
async fn nothing_else_is_public() {
    let router = public(&tenants(), None);
    for (method, path, status) in [
        (Method::GET, "/itineraries", 404),
        (Method::GET, "/users/me", 404),
        (Method::GET, "/welcome/acme", 404),
        (Method::POST, "/welcome", 405),
        (Method::HEAD, "/welcome", 200),
    ] {
        let answer = ask(&router, method, path, "acme.app.example.com").await;
        assert_eq!(answer.status, status, "{path}");
    }
}
