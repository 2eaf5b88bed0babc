//! `POST /itineraries/{id}/publish`.

use axum::http::Method;
use serde_json::json;
use tenancy_core::Role;

use crate::support::Service;

#[tokio::test]
async fn who_may_publish_shows_it_to_everybody_and_twice_is_once() {
    let service = Service::start().await;
    let (member, admin) = (service.acme(Role::Member).await, service.acme(Role::Admin).await);
    let made = member
        .send(
            Method::POST,
            "/itineraries",
            &[("content-type", "application/json")],
            json!({ "title": "Alps" }).to_string(),
        )
        .await;
    let path = format!("/itineraries/{}", made.json()["id"].as_str().unwrap());
    let publish = format!("{path}/publish");
    let ask = async |caller: &crate::support::Caller<'_>| {
        let answer = caller.send(Method::POST, &publish, &[], "").await;
        (answer.status.as_u16(), answer.json())
    };
    let (status, problem) = ask(&member).await;
    assert_eq!(
        (status, &problem["permission"]),
        (403, &json!("trips:itinerary:publish"))
    );
    let foreign = service.globex(Role::Owner).await;
    assert_eq!(ask(&foreign).await.0, 404);
    let (status, published) = ask(&admin).await;
    assert_eq!(
        (status, &published["visibility"], &published["version"]),
        (200, &json!("shared"), &json!(2))
    );
    assert!(published["published_at"].is_string(), "{published}");
    assert_eq!(ask(&admin).await, (200, published));
    let private = member
        .send(
            Method::PATCH,
            &path,
            &[("content-type", "application/json"), ("if-match", "\"2\"")],
            json!({ "visibility": "private" }).to_string(),
        )
        .await;
    assert_eq!(
        (private.status.as_u16(), &private.json()["published_at"]),
        (200, &json!(null)),
        "who makes it private takes it back"
    );
}
