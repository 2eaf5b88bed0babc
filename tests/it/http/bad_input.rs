//! What bad input gets.

use demo::world::Service;
use reqwest::Method;
use serde_json::{Value, json};
use tenancy_core::Role;

use crate::harness::{Body, Stock, Trips, on_trips};

const JSON: &str = "application/json";

/// A request to acme's deployment, and the status, the problem's code and the field that come back.
struct Case {
    service: Service,
    method: Method,
    path: &'static str,
    body: Body,
    expect: (u16, &'static str, &'static str),
}

fn case(
    service: Service,
    method: Method,
    path: &'static str,
    body: Body,
    expect: (u16, &'static str, &'static str),
) -> Case {
    Case {
        service,
        method,
        path,
        body,
        expect,
    }
}

fn itineraries(
    method: Method,
    path: &'static str,
    body: Body,
    expect: (u16, &'static str, &'static str),
) -> Case {
    case(Service::Itineraries, method, path, body, expect)
}

fn social(method: Method, path: &'static str, body: Body, expect: (u16, &'static str, &'static str)) -> Case {
    case(Service::Social, method, path, body, expect)
}

fn raw(media_type: &'static str, body: &str) -> Body {
    Body::Raw(media_type, body.as_bytes().to_vec())
}

fn new(itinerary: Value, status: u16, code: &'static str, field: &'static str) -> Case {
    itineraries(
        Method::POST,
        "/itineraries",
        Body::Json(itinerary),
        (status, code, field),
    )
}

fn parameters() -> Vec<Case> {
    let malformed = |field| (400, "malformed", field);
    let get = |path, field| itineraries(Method::GET, path, Body::None, malformed(field));
    vec![
        get("/itineraries/7", "id"),
        get("/itineraries/not-a-uuid", "id"),
        get("/itineraries/00000000-0000-0000-0000-00000000000g", "id"),
        get("/itineraries/%00", "id"),
        get("/itineraries/%ff", "id"),
        get("/itineraries/7/photos", "id"),
        get("/itineraries/7/photos/beach.jpg", "id"),
        get("/itineraries/{id}/photos/..%2fbeach.jpg", "name"),
        get("/itineraries/{id}/photos/%2ehidden", "name"),
        get("/users/7", "id"),
        get("/itineraries?limit=0", "limit"),
        get("/itineraries?limit=many", "limit"),
        get("/itineraries?cursor=1", "cursor"),
        itineraries(Method::DELETE, "/itineraries/7", Body::None, malformed("id")),
        social(Method::GET, "/comments/7", Body::None, malformed("id")),
        social(
            Method::GET,
            "/itineraries/7/comments",
            Body::None,
            malformed("id"),
        ),
        social(
            Method::GET,
            "/itineraries/{id}/comments?limit=101",
            Body::None,
            malformed("limit"),
        ),
        social(Method::PUT, "/itineraries/7/likes", Body::None, malformed("id")),
    ]
}

fn bodies() -> Vec<Case> {
    let post = |body, expect| itineraries(Method::POST, "/itineraries", body, expect);
    let photo = |body, expect| itineraries(Method::PUT, "/itineraries/{id}/photos/beach.jpg", body, expect);
    let unsupported = (415, "unsupported_media_type", "");
    vec![
        post(raw(JSON, "{"), (400, "malformed", ".")),
        post(raw(JSON, "{\"title\":"), (400, "malformed", "title")),
        post(raw(JSON, ""), (400, "malformed", ".")),
        post(raw(JSON, "{\"title\":\"a\"} {}"), (400, "malformed", "")),
        post(
            Body::Raw(JSON, b"{\"title\":\"\xff\"}".to_vec()),
            (400, "malformed", "title"),
        ),
        post(raw("text/plain", "{\"title\":\"a\"}"), unsupported),
        post(raw("", "{\"title\":\"a\"}"), unsupported),
        post(
            raw(JSON, &format!("{{\"title\":\"{}\"}}", "a".repeat(3 << 20))),
            (413, "too_large", ""),
        ),
        post(raw(JSON, &"[".repeat(1 << 20)), (422, "invalid", "[0]")),
        photo(
            Body::Raw("image/jpeg", vec![7; (5 << 20) + 1]),
            (413, "too_large", ""),
        ),
        photo(raw("image/jpeg", ""), (422, "invalid", "body")),
        photo(raw("image/svg+xml", "<svg/>"), unsupported),
        new(json!([]), 422, "invalid", "."),
        new(json!("Rome"), 422, "invalid", "."),
        new(json!({}), 422, "invalid", "title"),
        new(json!({ "title": 7 }), 422, "invalid", "title"),
        new(json!({ "title": "" }), 422, "invalid", "title"),
        new(json!({ "title": "a".repeat(201) }), 422, "invalid", "title"),
        new(json!({ "title": "a\u{0}b" }), 422, "invalid", "title"),
        new(
            json!({ "title": "a", "visibility": "public" }),
            422,
            "invalid",
            "visibility",
        ),
        new(
            json!({ "title": "a", "starts_on": "2026-02-30" }),
            422,
            "invalid",
            "starts_on",
        ),
        new(
            json!({ "title": "a", "tenant_id": "x" }),
            422,
            "invalid",
            "tenant_id",
        ),
        new(json!({ "title": "a", "owner": "x" }), 422, "invalid", "owner"),
        social(
            Method::POST,
            "/itineraries/{id}/comments",
            Body::Json(json!({ "text": "" })),
            (422, "invalid", "text"),
        ),
        social(
            Method::POST,
            "/itineraries/{id}/comments",
            raw(JSON, "no"),
            (400, "malformed", "."),
        ),
    ]
}

async fn check(trips: &'static Trips, cases: Vec<Case>) {
    let acme = trips.tenant("acme");
    let (stock, token) = (Stock::of(trips, acme).await, trips.token(acme, Role::Owner));
    let before = stock.look(trips, acme).await;
    for Case {
        service,
        method,
        path,
        body,
        expect,
    } in cases
    {
        let what = format!("{service} {method} {path}");
        let call = trips.call(acme, service, method, &path.replace("{id}", &stock.itinerary));
        let answer = call.token(&token).body(body).send().await;
        let seen = (answer.status, answer.code(), answer.field());
        assert_eq!(
            (seen.0, seen.1.as_str(), seen.2.as_str()),
            expect,
            "{what}: {}",
            answer.text()
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{what}"
        );
    }
    assert_eq!(stock.look(trips, acme).await, before);
}

#[test]
fn a_parameter_that_is_none_is_named() {
    on_trips(async |trips| check(trips, parameters()).await);
}

#[test]
fn a_body_that_is_none_is_told_why() {
    on_trips(async |trips| check(trips, bodies()).await);
}

/// A header that names a tenant and is no slug and no id names no tenant that exists.
#[test]
fn a_slug_that_is_none_reads_like_an_unknown_id() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let token = trips.token(acme, Role::Owner);
        for hint in [
            "",
            "ACME",
            "a",
            "acme ",
            "acme,globex",
            "../acme",
            "{id}",
            "' OR 1=1 --",
            &"a".repeat(4000),
        ] {
            let call = trips
                .call(acme, Service::Itineraries, Method::GET, "/itineraries")
                .token(&token);
            let answer = call.header("x-tenant-id", hint).send().await;
            // white space around a header's value is no part of it (RFC 9110 section 5.5)
            let expect = if hint.trim() == "acme" { 200 } else { 404 };
            assert_eq!(answer.status, expect, "{hint:?}: {}", answer.text());
        }
    });
}

#[test]
fn a_change_without_what_was_read_is_told_so() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let (stock, token) = (Stock::of(trips, acme).await, trips.token(acme, Role::Owner));
        let path = format!("/itineraries/{}", stock.itinerary);
        let call = |method| {
            trips
                .call(acme, Service::Itineraries, method, &path)
                .token(&token)
        };
        let patch = call(Method::PATCH).json(json!({ "title": "Rome" }));
        assert_eq!(patch.send().await.status, 428);
        assert_eq!(call(Method::DELETE).send().await.status, 428);
        assert_eq!(
            patch.clone().header("if-match", "\"999\"").send().await.status,
            412
        );
        assert_eq!(
            patch.clone().header("if-match", "none").send().await.field(),
            "if-match"
        );
        assert_eq!(patch.header("if-match", &stock.tag).send().await.status, 200);
    });
}
