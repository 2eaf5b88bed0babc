//! Requests through the layer, some of which nobody waits for.

use axum::{Router, routing::get};
use http::HeaderMap;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use tower::{Layer, ServiceExt, service_fn};

use super::*;
use crate::{
    Principal, Resolver, Role, StaticMember, StaticMemberships, TenantRecord, UserId,
    directory::StaticDirectory,
    http::{Authenticate, Credentials, HintLayer, TenantLayer},
    telemetry::REQUESTS,
};

/// Knows ada of acme, and never ends with the token `slow`.
struct Known;

#[async_trait::async_trait]
impl Authenticate for Known {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal> {
        match credentials.bearer {
            "hunter2" => {
                let end = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
                let pool = "acme-x1y2z".parse().unwrap();
                Ok(crate::VerifiedIdentity::new("ada".parse().unwrap(), pool, end).into())
            }
            _ => std::future::pending().await,
        }
    }
}

fn resolver() -> Arc<Resolver> {
    let text = serde_json::json!({
        "id": crate::TenantId::new(), "slug": "acme", "name": "Acme", "tier": "standard", "status": "active",
        "identity_tenant": "acme-x1y2z", "placement": { "epoch": 0 },
    });
    let record: TenantRecord = serde_json::from_value(text).unwrap();
    let member = StaticMember {
        tenant: record.id,
        pool: record.identity_tenant.clone(),
        subject: "ada".parse().unwrap(),
        user: UserId::new(),
        role: Role::Admin.into(),
    };
    Arc::new(Resolver::new(
        Arc::new(StaticDirectory::new([record]).unwrap()),
        Arc::new(StaticMemberships::new([member])),
        crate::Deployment::Shared,
        crate::HostPolicy::default(),
    ))
}

fn layer() -> TenantLayer {
    TenantLayer::new(Arc::new(Known), resolver(), std::time::Duration::from_secs(30))
}

fn request(token: &str) -> Request<Body> {
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    let request = request
        .header("cookie", "a=hunter2")
        .header("cookie", "b=hunter2");
    let request = request.header("x-actor-token", "hunter2");
    request.body(Body::empty()).unwrap()
}

/// How far a request goes before its client goes away.
#[derive(Clone, Copy, Debug)]
enum Goes {
    /// Nothing was done yet.
    Nowhere,
    /// Who asks is being found out.
    ToItsToken,
    ToItsHandler,
    /// It is answered.
    AllTheWay,
}

/// Asks, and counts the requests by the status and whether the tenant is known.
fn counted(goes: Goes) -> Vec<(String, bool, u64)> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let handler = service_fn(move |_: Request<Body>| async move {
                if matches!(goes, Goes::ToItsHandler) {
                    std::future::pending::<()>().await;
                }
                Ok::<_, std::convert::Infallible>(Response::new(Body::empty()))
            });
            let token = if matches!(goes, Goes::ToItsToken) {
                "slow"
            } else {
                "hunter2"
            };
            let mut answer = Box::pin(layer().layer(handler).call(request(token)));
            match goes {
                Goes::Nowhere => {}
                Goes::ToItsToken | Goes::ToItsHandler => {
                    assert!(futures::poll!(answer.as_mut()).is_pending())
                }
                Goes::AllTheWay => drop(answer.await.unwrap()),
            }
        });
    });
    let all = snapshotter.snapshot().into_vec().into_iter();
    let requests = all.filter(|(key, ..)| key.key().name() == REQUESTS);
    let row = requests.map(|(key, _, _, value)| {
        let label = |name| {
            key.key()
                .labels()
                .find(|label| label.key() == name)
                .unwrap()
                .value()
                .to_owned()
        };
        let DebugValue::Counter(count) = value else {
            panic!("{key:?}")
        };
        (label("status"), !label("tenant").is_empty(), count)
    });
    row.collect()
}

#[test]
fn a_request_whose_client_goes_away_is_counted() {
    for (goes, status, tenant) in [
        (Goes::Nowhere, "cancelled", false),
        (Goes::ToItsToken, "cancelled", false),
        (Goes::ToItsHandler, "cancelled", true),
        (Goes::AllTheWay, "2xx", true),
    ] {
        assert_eq!(counted(goes), [(status.to_owned(), tenant, 1)], "{goes:?}");
    }
}

#[tokio::test]
async fn what_proves_who_asks_is_not_shown_by_who_prints_the_headers() {
    let print = || {
        Router::new().route(
            "/",
            get(|headers: HeaderMap| async move { format!("{headers:?}") }),
        )
    };
    for router in [print().layer(layer()), print().layer(HintLayer::new(resolver()))] {
        let answer = router.oneshot(request("hunter2")).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(text.matches("Sensitive").count(), 4, "{text}");
    }
}
