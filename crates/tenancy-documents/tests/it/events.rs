//! Server-sent events.

use std::time::Duration;

use axum::response::IntoResponse;
use http_body_util::BodyExt;
use tenancy_core::DocumentLayout;
use tenancy_documents::{Query, server_sent_events};
use tokio::time::timeout;

use crate::kit::{Trip, at, of, trip, world};

#[tokio::test]
async fn a_state_is_an_event_without_the_place() {
    let world = world(DocumentLayout::TenantRoot).await;
    let (documents, acme) = (&world.documents, &world.acme);
    documents
        .create(&acme.permit, &at("trips/a"), &trip("Lisbon", 4))
        .await
        .unwrap();
    let listener = documents
        .listen::<Trip>(&acme.ctx, &Query::of(of("trips")))
        .unwrap();
    let response = server_sent_events(listener).into_response();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let frame = timeout(Duration::from_secs(20), body.frame())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
    let data = text.strip_prefix("event: state\ndata: ").expect(&text);
    let states: serde_json::Value = serde_json::from_str(data.trim_end()).unwrap();
    assert_eq!(states[0]["path"], "trips/a");
    assert_eq!(states[0]["data"]["title"], "Lisbon");
    for physical in [
        acme.record.id.to_string(),
        "tenants/".to_owned(),
        "projects/".to_owned(),
    ] {
        assert!(!text.contains(&physical), "{physical} got out");
    }
}
