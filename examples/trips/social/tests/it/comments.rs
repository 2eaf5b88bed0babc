//! `/itineraries/{id}/comments` and `/comments/{id}`.

use axum::http::{Method, header};
use serde_json::{Value, json};
use tenancy_core::Role;

use crate::support::Service;

const TRIP: &str = "/itineraries/018f2b5e-0000-7000-8000-000000000001/comments";
const OTHER_TRIP: &str = "/itineraries/018f2b5e-0000-7000-8000-000000000002/comments";

#[tokio::test]
async fn a_comment_is_written_read_and_deleted() {
    let service = Service::start().await;
    let (ada, bob) = (
        service.acme(Role::Member).await,
        service.acme(Role::ReadOnly).await,
    );
    let written = ada.say(TRIP, "Lovely.\nSee you!").await;
    assert_eq!(written.status, 201);
    assert_eq!(written.json()["author"], json!(ada.ctx.user_id()));
    let path = written.header(header::LOCATION).to_owned();
    assert_eq!(bob.get(&path).await.json(), written.json());
    assert_eq!(
        bob.get(TRIP).await.json(),
        json!({"items": [written.json()], "next": null})
    );
    assert_eq!(
        bob.get(OTHER_TRIP).await.json(),
        json!({"items": [], "next": null})
    );
    assert_eq!(ada.ask(Method::DELETE, &path).await.status, 204);
    assert_eq!(ada.ask(Method::DELETE, &path).await.problem().0, 404);
    assert_eq!(ada.get(&path).await.problem().0, 404);
}

#[tokio::test]
async fn who_reaches_a_comment() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let callers = [
        (service.acme(Role::ReadOnly).await, [200, 403, 403]),
        (service.acme(Role::Member).await, [200, 201, 403]),
        (service.globex(Role::Owner).await, [404, 201, 404]),
        (service.acme(Role::Admin).await, [200, 201, 204]),
    ];
    let path = ada.say(TRIP, "mine").await.header(header::LOCATION).to_owned();
    for (caller, expect) in &callers {
        let answers = [
            caller.get(&path).await,
            caller.say(TRIP, "and mine").await,
            caller.ask(Method::DELETE, &path).await,
        ];
        assert_eq!(
            answers.map(|answer| answer.status.as_u16()),
            *expect,
            "{:?}",
            caller.ctx.role()
        );
    }
    assert_eq!(ada.get(TRIP).await.json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        callers[2].0.get(TRIP).await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn pages_walk_an_itinerarys_comments_once_the_newest_first() {
    let service = Service::start().await;
    let (ada, eve) = (
        service.acme(Role::Member).await,
        service.globex(Role::Member).await,
    );
    for n in 0..5 {
        ada.say(TRIP, &format!("c{n}")).await;
        ada.say(OTHER_TRIP, "other").await;
        eve.say(TRIP, "foreign").await;
    }
    let (mut texts, mut next) = (Vec::new(), Some(format!("{TRIP}?limit=2")));
    while let Some(path) = next {
        let page = ada.get(&path).await.json();
        let items = page["items"].as_array().unwrap();
        texts.extend(items.iter().map(|item| item["text"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(texts, ["c4", "c3", "c2", "c1", "c0"]);
}

#[tokio::test]
async fn what_is_no_comment_is_refused() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let post = async |body: Value| {
        ada.send(Method::POST, TRIP, "application/json", body.to_string())
            .await
            .problem()
    };
    assert_eq!(post(json!({"text": ""})).await, (422, "text".into()));
    assert_eq!(
        post(json!({"text": "a".repeat(2001)})).await,
        (422, "text".into())
    );
    assert_eq!(
        post(json!({"text": "a", "author": "b"})).await,
        (422, "author".into())
    );
    assert_eq!(
        ada.say("/itineraries/7/comments", "a").await.problem(),
        (400, "id".into())
    );
    assert_eq!(
        ada.get(&format!("{TRIP}?limit=101")).await.problem(),
        (400, "limit".into())
    );
    assert_eq!(
        ada.send(Method::POST, TRIP, "text/plain", "a".into())
            .await
            .problem()
            .0,
        415
    );
    let wrong = ada.ask(Method::PATCH, TRIP).await;
    assert_eq!(
        (wrong.problem().0, wrong.header(header::ALLOW)),
        (405, "GET,HEAD,POST")
    );
}
