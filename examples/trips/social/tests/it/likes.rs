//! `/itineraries/{id}/likes`.

use axum::http::Method;
use serde_json::json;
use tenancy_core::Role;

use crate::support::Service;

const TRIP: &str = "/itineraries/018f2b5e-0000-7000-8000-000000000001/likes";
const OTHER_TRIP: &str = "/itineraries/018f2b5e-0000-7000-8000-000000000002/likes";

#[tokio::test]
async fn setting_and_clearing_a_like_twice_is_the_same_as_once() {
    let service = Service::start().await;
    let (ada, bob) = (service.acme(Role::Member).await, service.acme(Role::Owner).await);
    assert_eq!(ada.get(TRIP).await.json(), json!({"count": 0, "liked": false}));
    for _ in 0..2 {
        assert_eq!(ada.ask(Method::PUT, TRIP).await.status, 204);
        assert_eq!(ada.get(TRIP).await.json(), json!({"count": 1, "liked": true}));
    }
    assert_eq!(bob.get(TRIP).await.json(), json!({"count": 1, "liked": false}));
    assert_eq!(bob.ask(Method::PUT, TRIP).await.status, 204);
    assert_eq!(
        ada.get(OTHER_TRIP).await.json(),
        json!({"count": 0, "liked": false})
    );
    for _ in 0..2 {
        assert_eq!(ada.ask(Method::DELETE, TRIP).await.status, 204);
        assert_eq!(ada.get(TRIP).await.json(), json!({"count": 1, "liked": false}));
    }
}

#[tokio::test]
async fn likes_stay_within_the_tenant_and_need_a_role_that_writes() {
    let service = Service::start().await;
    let (ada, eve) = (
        service.acme(Role::Member).await,
        service.globex(Role::Member).await,
    );
    let reader = service.acme(Role::ReadOnly).await;
    assert_eq!(ada.ask(Method::PUT, TRIP).await.status, 204);
    assert_eq!(eve.get(TRIP).await.json(), json!({"count": 0, "liked": false}));
    assert_eq!(eve.ask(Method::DELETE, TRIP).await.status, 204);
    assert_eq!(reader.get(TRIP).await.json(), json!({"count": 1, "liked": false}));
    assert_eq!(reader.ask(Method::PUT, TRIP).await.problem().0, 403);
    assert_eq!(reader.ask(Method::DELETE, TRIP).await.problem().0, 403);
}
