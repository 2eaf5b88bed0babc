//! Guards before routes, with contexts as the resolver makes them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, routing::get};
use http::{StatusCode, header};
use tower::ServiceExt;

use super::*;
use crate::{
    AuditEvent, AuditSink, DataWrite, Hints, HostPolicy, RequestId, Resolver, Role, SettingsUpdate,
    TenantRecord, Tier, UserId, directory::StaticDirectory,
};

#[derive(Default)]
struct Count(AtomicUsize);

impl AuditSink for Count {
    fn record(&self, _: &AuditEvent) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

async fn context(tier: Tier, role: Role, sink: &Arc<Count>) -> TenantContext {
    let text = serde_json::json!({
        "id": crate::TenantId::new(), "slug": "acme", "name": "Acme", "tier": tier, "status": "active",
        "identity_tenant": "acme-x1y2z", "placement": { "epoch": 0 },
    });
    let record: TenantRecord = serde_json::from_value(text).unwrap();
    let pool = record.identity_tenant.clone();
    let member = crate::StaticMember {
        tenant: record.id,
        pool: pool.clone(),
        subject: "ada".parse().unwrap(),
        user: UserId::new(),
        role: role.into(),
    };
    let resolver = Resolver::new(
        Arc::new(StaticDirectory::new([record]).unwrap()),
        Arc::new(crate::StaticMemberships::new([member])),
        crate::Deployment::Shared,
        HostPolicy::default(),
    );
    let sink = Arc::clone(sink);
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let identity = crate::VerifiedIdentity::new("ada".parse().unwrap(), pool, end);
    let resolver = resolver.with_audit(sink);
    resolver
        .resolve(&identity.into(), &Hints::default(), RequestId::new(), None)
        .await
        .unwrap()
}

async fn ask(path: &str, context: Option<TenantContext>) -> (StatusCode, serde_json::Value) {
    let app: Router = Router::new()
        .route("/settings", get(|_: Permit<SettingsUpdate>| async { "{}" }))
        .route_layer(require::<SettingsUpdate>())
        .route(
            "/social",
            get(|| async { "{}" }).route_layer(require_feature(Feature::Social)),
        )
        .route(
            "/other",
            get(|_: Permit<DataWrite>| async { "{}" }).route_layer(require::<SettingsUpdate>()),
        );
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    if let Some(context) = context {
        request.extensions_mut().insert(context);
    }
    let response = app.oneshot(request).await.unwrap();
    let (status, kind) = (
        response.status(),
        response.headers().get(header::CONTENT_TYPE).cloned(),
    );
    assert!(status.is_success() || kind.unwrap() == "application/problem+json");
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn who_lacks_it_gets_a_problem_and_the_route_is_not_called() {
    let sink = Arc::default();
    for (path, tier, role, expect) in [
        ("/settings", Tier::Free, Role::Admin, None),
        (
            "/settings",
            Tier::Free,
            Role::Member,
            Some(("permission", "tenant:settings:update")),
        ),
        (
            "/other",
            Tier::Free,
            Role::Member,
            Some(("permission", "tenant:settings:update")),
        ),
        ("/social", Tier::Standard, Role::ReadOnly, None),
        (
            "/social",
            Tier::Free,
            Role::Owner,
            Some(("available_from", "standard")),
        ),
    ] {
        let (status, body) = ask(path, Some(context(tier, role, &sink).await)).await;
        match expect {
            None => assert_eq!(status, StatusCode::OK, "{path}"),
            Some((key, value)) => {
                assert_eq!(
                    (status, &body[key]),
                    (StatusCode::FORBIDDEN, &value.into()),
                    "{path} {body}"
                );
            }
        }
    }
    for path in ["/settings", "/social"] {
        assert_eq!(
            ask(path, None).await.0,
            StatusCode::INTERNAL_SERVER_ERROR,
            "without the layer"
        );
    }
}

#[tokio::test]
async fn a_guard_and_its_handler_are_one_decision() {
    let sink = Arc::default();
    ask(
        "/settings",
        Some(context(Tier::Enterprise, Role::Admin, &sink).await),
    )
    .await;
    assert_eq!(sink.0.load(Ordering::SeqCst), 1);
    // another permission is another decision
    ask(
        "/other",
        Some(context(Tier::Enterprise, Role::Admin, &sink).await),
    )
    .await;
    assert_eq!(sink.0.load(Ordering::SeqCst), 3);
}
