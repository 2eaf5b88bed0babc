//! Requests that are refused before anything is read.

use axum::http::{Method, header};
use serde_json::json;
use tenancy_core::Role;

use crate::support::Service;

const ABSENT: &str = "/itineraries/018f2b5e-0000-7000-8000-000000000000";

#[tokio::test]
async fn problems_name_the_field() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let check = async |method: Method, path: &str, body: serde_json::Value, expect: (u16, &[&str])| {
        let answer = ada.json(method, path, &[("if-match", "*")], &body).await;
        let (status, fields) = answer.problem();
        assert_eq!(
            (status, fields.iter().map(String::as_str).collect::<Vec<_>>()),
            (expect.0, expect.1.to_vec()),
            "{path} {body}"
        );
    };
    check(
        Method::POST,
        "/itineraries",
        json!({"title": ""}),
        (422, &["title"]),
    )
    .await;
    check(Method::POST, "/itineraries", json!({}), (422, &["title"])).await;
    check(
        Method::POST,
        "/itineraries",
        json!({"title": "a", "starts_on": "soon"}),
        (422, &["starts_on"]),
    )
    .await;
    check(
        Method::POST,
        "/itineraries",
        json!({"title": "a", "tenant_id": "b"}),
        (422, &["tenant_id"]),
    )
    .await;
    check(Method::PATCH, ABSENT, json!({"title": null}), (422, &["title"])).await;
    check(Method::PATCH, "/itineraries/7", json!({}), (400, &["id"])).await;
    check(Method::GET, "/itineraries?limit=0", json!({}), (400, &["limit"])).await;
    check(
        Method::GET,
        "/itineraries?cursor=x",
        json!({}),
        (400, &["cursor"]),
    )
    .await;
    check(
        Method::GET,
        "/itineraries/7/photos/a.png",
        json!({}),
        (400, &["id"]),
    )
    .await;
    check(
        Method::GET,
        &format!("{ABSENT}/photos/.a"),
        json!({}),
        (400, &["name"]),
    )
    .await;
    check(
        Method::GET,
        &format!("{ABSENT}/photos/a%2F..%2Fb"),
        json!({}),
        (400, &["name"]),
    )
    .await;
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large_are_refused() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let post = async |media_type, body: Vec<u8>| {
        let answer = ada
            .send(
                Method::POST,
                "/itineraries",
                &[("content-type", media_type)],
                body,
            )
            .await;
        answer.problem().0
    };
    assert_eq!(post("application/json", b"{".to_vec()).await, 400);
    assert_eq!(post("text/plain", b"{}".to_vec()).await, 415);
    assert_eq!(
        post("application/json", vec![b' '; 2 * 1024 * 1024 + 1]).await,
        413
    );
}

#[tokio::test]
async fn a_method_that_a_route_has_not_is_405_and_says_which_it_has() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let answer = ada.send(Method::PUT, ABSENT, &[], ()).await;
    assert_eq!(answer.problem().0, 405);
    assert_eq!(answer.header(header::ALLOW), "GET,HEAD,PATCH,DELETE");
}
