//! `/itineraries`.

use axum::http::{Method, header};
use serde_json::{Value, json};
use tenancy_core::Role;

use crate::support::{Caller, Service};

#[tokio::test]
async fn an_itinerary_is_created_read_changed_and_deleted() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let body = json!({"title": "Alps", "starts_on": "2031-07-01", "ends_on": "2031-07-14"});
    let created = ada.json(Method::POST, "/itineraries", &[], &body).await;
    assert_eq!((created.status.as_u16(), created.etag().as_str()), (201, "\"1\""));
    let path = created.header(header::LOCATION).to_owned();

    let read = ada.get(&path).await;
    assert_eq!((read.json(), read.etag()), (created.json(), created.etag()));
    assert_eq!(read.header(header::CACHE_CONTROL), "private, no-cache");
    assert_eq!(read.json()["owner"], json!(ada.ctx.user_id()));
    assert_eq!(
        (&read.json()["visibility"], &read.json()["ends_on"]),
        (&json!("private"), &json!("2031-07-14"))
    );

    let patch = json!({"title": "Dolomites", "ends_on": null});
    let changed = ada
        .json(Method::PATCH, &path, &[("if-match", "\"1\"")], &patch)
        .await;
    assert_eq!((changed.status.as_u16(), changed.etag().as_str()), (200, "\"2\""));
    assert_eq!(changed.json()["title"], "Dolomites");
    assert_eq!(
        (&changed.json()["starts_on"], &changed.json()["ends_on"]),
        (&json!("2031-07-01"), &Value::Null)
    );

    let gone = ada.delete(&path, &[("if-match", "\"2\"")]).await;
    assert_eq!((gone.status.as_u16(), gone.body.len()), (204, 0));
    assert_eq!(ada.get(&path).await.problem().0, 404);
    assert_eq!(ada.delete(&path, &[("if-match", "\"2\"")]).await.problem().0, 404);
}

#[tokio::test]
async fn a_change_needs_the_state_that_was_read() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let path = ada.create(json!({"title": "Alps"})).await;
    let patch = async |headers: &[(&str, &str)], title: &str| {
        ada.json(Method::PATCH, &path, headers, &json!({ "title": title }))
            .await
            .status
            .as_u16()
    };
    assert_eq!(patch(&[], "b").await, 428);
    assert_eq!(patch(&[("if-match", "1")], "b").await, 400);
    assert_eq!(patch(&[("if-match", "\"9\"")], "b").await, 412);
    assert_eq!(patch(&[("if-match", "\"1\"")], "b").await, 200);
    assert_eq!(patch(&[("if-match", "\"1\"")], "c").await, 412, "stale");
    assert_eq!(patch(&[("if-match", "\"2\"")], "b").await, 200, "no change");
    assert_eq!(ada.get(&path).await.etag(), "\"2\"", "no change, no version");
    assert_eq!(ada.delete(&path, &[]).await.problem().0, 428);
    assert_eq!(ada.delete(&path, &[("if-match", "\"1\"")]).await.problem().0, 412);
    assert_eq!(ada.delete(&path, &[("if-match", "*")]).await.status, 204);
}

#[tokio::test]
async fn of_changes_from_one_state_one_wins() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let path = ada.create(json!({"title": "Alps"})).await;
    for round in 1..=20 {
        let state = format!("\"{round}\"");
        let patch = async |title: &str| {
            let body = json!({ "title": format!("{title}{round}") });
            ada.json(Method::PATCH, &path, &[("if-match", &state)], &body)
                .await
                .status
                .as_u16()
        };
        let (a, b, c) = tokio::join!(patch("a"), patch("b"), patch("c"));
        let mut statuses = [a, b, c];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412]);
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let path = ada.create(json!({"title": "Alps"})).await;
    let status = async |value| {
        ada.send(Method::GET, &path, &[("if-none-match", value)], ())
            .await
    };
    let same = status("W/\"1\", \"7\"").await;
    assert_eq!(
        (same.status.as_u16(), same.etag().as_str(), same.body.len()),
        (304, "\"1\"", 0)
    );
    assert_eq!(status("\"2\"").await.status, 200);
    let other = ada.send(
        Method::GET,
        "/itineraries/018f2b5e-0000-7000-8000-000000000000",
        &[("if-none-match", "*")],
        (),
    );
    assert_eq!(other.await.status, 404);
}

/// What `caller` gets for reading, changing and deleting `path`.
async fn reach(caller: &Caller<'_>, path: &str) -> [u16; 3] {
    let read = caller.get(path).await;
    let patch = caller
        .json(
            Method::PATCH,
            path,
            &[("if-match", "\"1\"")],
            &json!({"title": "mine"}),
        )
        .await;
    let delete = caller.delete(path, &[("if-match", "\"9\"")]).await;
    [read, patch, delete].map(|answer| answer.status.as_u16())
}

#[tokio::test]
async fn who_reaches_an_itinerary() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let callers = [
        (
            service.acme(Role::ReadOnly).await,
            [404, 403, 403],
            [200, 403, 403],
        ),
        (service.acme(Role::Member).await, [404, 404, 404], [200, 403, 403]),
        (
            service.globex(Role::Owner).await,
            [404, 404, 404],
            [404, 404, 404],
        ),
        // the last delete is stale on purpose: 412 says that it was allowed
        (service.acme(Role::Admin).await, [200, 200, 412], [200, 200, 412]),
    ];
    let (private, shared) = (
        ada.create(json!({"title": "a"})).await,
        ada.create(json!({"title": "b", "visibility": "shared"})).await,
    );
    for (caller, to_private, to_shared) in &callers {
        let role = caller.ctx.role();
        assert_eq!(reach(caller, &private).await, *to_private, "{role:?} private");
        assert_eq!(reach(caller, &shared).await, *to_shared, "{role:?} shared");
    }
    let hidden = callers[1].0.get(&private).await;
    let absent = callers[1]
        .0
        .get("/itineraries/018f2b5e-0000-7000-8000-000000000000")
        .await;
    assert_eq!(hidden.body, absent.body, "hidden and absent look alike");
}

#[tokio::test]
async fn pages_walk_what_the_caller_sees_once_the_newest_first() {
    let service = Service::start().await;
    let (ada, bob, eve) = (
        service.acme(Role::Member).await,
        service.acme(Role::Member).await,
        service.globex(Role::Owner).await,
    );
    for n in 0..7 {
        ada.create(
            json!({"title": format!("a{n}"), "visibility": if n % 2 == 0 { "shared" } else { "private" }}),
        )
        .await;
        eve.create(json!({"title": "e", "visibility": "shared"})).await;
    }
    let walk = async |caller: &Caller<'_>| {
        let (mut titles, mut next) = (Vec::new(), Some("/itineraries?limit=2".to_owned()));
        while let Some(path) = next {
            let page = caller.get(&path).await.json();
            let items = page["items"].as_array().unwrap();
            assert!(!items.is_empty() && items.len() <= 2);
            titles.extend(
                items
                    .iter()
                    .map(|item| item["title"].as_str().unwrap().to_owned()),
            );
            next = page["next"].as_str().map(str::to_owned);
        }
        titles
    };
    assert_eq!(walk(&ada).await, ["a6", "a5", "a4", "a3", "a2", "a1", "a0"]);
    assert_eq!(walk(&bob).await, ["a6", "a4", "a2", "a0"]);
    let all = bob.get("/itineraries").await.json();
    assert_eq!(
        (all["items"].as_array().unwrap().len(), &all["next"]),
        (4, &Value::Null)
    );
}
