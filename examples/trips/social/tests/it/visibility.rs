//! Who sees an itinerary, the other service says: what it can't say is no leave.

use std::sync::atomic::Ordering;

use axum::http::Method;
use tenancy_core::Role;

use crate::support::Service;

const TRIP: &str = "/itineraries/018f2b5e-0000-7000-8000-000000000001";

#[tokio::test]
async fn what_the_other_service_does_not_show_is_not_there() {
    let service = Service::start().await;
    let ada = service.acme(Role::Owner).await;
    let (comments, likes) = (format!("{TRIP}/comments"), format!("{TRIP}/likes"));
    let written = ada.say(&comments, "Lovely.").await;
    let comment = written.header(axum::http::header::LOCATION).to_owned();
    for (answers, status) in [
        (404, 404),
        (500, 503),
        (503, 503),
        (429, 503),
        (401, 503),
        (403, 503),
        (302, 503),
        (0, 503),
    ] {
        service.seen.store(answers, Ordering::SeqCst);
        for answer in [
            ada.get(&comments).await,
            ada.say(&comments, "And again.").await,
            ada.get(&comment).await,
            ada.get(&likes).await,
            ada.ask(Method::PUT, &likes).await,
        ] {
            assert_eq!(answer.problem().0, status, "{answers}");
        }
    }
    service.seen.store(200, Ordering::SeqCst);
    let listed = ada.get(&comments).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(ada.get(&likes).await.json()["count"], 0);
}

#[tokio::test]
async fn who_may_not_write_or_has_no_plan_for_it_makes_nobody_ask() {
    let service = Service::start().await;
    service.seen.store(0, Ordering::SeqCst);
    let comments = format!("{TRIP}/comments");
    let reader = service.acme(Role::ReadOnly).await;
    assert_eq!(reader.say(&comments, "Nice.").await.status, 403);
    assert_eq!(service.initech().await.get(&comments).await.status, 403);
}

#[tokio::test]
async fn what_is_ones_own_can_be_taken_back_unseen() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let written = ada.say(&format!("{TRIP}/comments"), "Lovely.").await;
    let comment = written.header(axum::http::header::LOCATION).to_owned();
    service.seen.store(404, Ordering::SeqCst);
    assert_eq!(ada.ask(Method::DELETE, &comment).await.status, 204);
    assert_eq!(
        ada.ask(Method::DELETE, &format!("{TRIP}/likes")).await.status,
        204
    );
}

/// Whether there is a comment on what one does not see, nobody is told.
#[tokio::test]
async fn another_s_comment_on_what_one_does_not_see_is_not_there() {
    let service = Service::start().await;
    let (ada, bob) = (service.acme(Role::Member).await, service.acme(Role::Member).await);
    let written = ada.say(&format!("{TRIP}/comments"), "Lovely.").await;
    let comment = written.header(axum::http::header::LOCATION).to_owned();
    let unknown = "/comments/018f2b5e-0000-7000-8000-000000000009";
    for (answers, status) in [(200, 403), (404, 404), (0, 503)] {
        service.seen.store(answers, Ordering::SeqCst);
        assert_eq!(
            bob.ask(Method::DELETE, &comment).await.status,
            status,
            "{answers}"
        );
        assert_eq!(bob.ask(Method::DELETE, unknown).await.status, 404);
    }
    let admin = service.acme(Role::Admin).await;
    assert_eq!(admin.ask(Method::DELETE, &comment).await.status, 204);
}
