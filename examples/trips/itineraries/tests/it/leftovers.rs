//! What uploads and removals leave behind.

use std::time::Duration;

use axum::http::Method;
use futures::FutureExt;
use serde_json::json;
use tenancy_core::Role;

use crate::support::Service;

const LOOSE: &str = "SELECT count(*) FROM loose_objects";
const PHOTOS: &str = "SELECT count(*) FROM photos";
const EXPIRE: &str = "UPDATE loose_objects SET expires_at = now() - interval '1 second'";

#[tokio::test]
async fn an_itinerary_takes_its_photos_along() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let trip = ada.create(json!({"title": "Alps"})).await;
    for name in ["a", "b", "c"] {
        assert_eq!(
            ada.upload(&format!("{trip}/photos/{name}"), &[], b"x")
                .await
                .status,
            201
        );
    }
    assert_eq!(service.objects().len(), 3);
    assert_eq!(ada.delete(&trip, &[("if-match", "*")]).await.status, 204);
    assert_eq!(
        (
            service.number(PHOTOS).await,
            service.number(LOOSE).await,
            service.objects().len()
        ),
        (0, 0, 0)
    );
}

/// An upload that breaks off at any of its waits shows nothing or all, and an hour later nothing else is left.
#[tokio::test]
async fn an_upload_that_breaks_off_loses_and_doubles_nothing() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let trip = ada.create(json!({"title": "Alps"})).await;
    let path = format!("{trip}/photos/a");
    assert_eq!(ada.upload(&path, &[], b"old").await.status, 201);
    let (mut finished, mut seen) = (false, [0, 0]);
    for polls in 0..400 {
        let content: &[u8] = if seen[1] % 2 == 0 { b"new" } else { b"old" };
        let before = ada.get(&path).await.body;
        finished |= broken_off(ada.upload(&path, &[], content), polls).await;
        let after = ada.get(&path).await;
        assert_eq!(after.status, 200, "after {polls} polls");
        assert!(
            after.body == before || after.body == content,
            "after {polls} polls"
        );
        seen[usize::from(after.body == content)] += 1;
        if finished {
            break;
        }
    }
    assert!(finished && seen[0] > 0 && seen[1] > 0, "{seen:?}");
    service.tamper(EXPIRE).await;
    for content in [b"y".as_slice(), b"z"].repeat(40) {
        assert_eq!(ada.upload(&path, &[], content).await.status, 200);
    }
    assert_eq!((service.number(LOOSE).await, service.objects().len()), (0, 1));
    assert_eq!(&ada.get(&path).await.body[..], b"z");
}

/// Polls a future so many times, then drops it. Whether it finished.
async fn broken_off(future: impl Future, polls: usize) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if future.as_mut().now_or_never().is_some() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}

/// The sweep and the upload can't both win: an upload whose note is doomed, or gone, does not show its object.
#[tokio::test]
async fn an_upload_that_was_swept_is_not_shown() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let path = ada.create(json!({"title": "Alps"})).await + "/photos/late";
    let sweep = "DELETE FROM loose_objects";
    for step in ["UPDATE loose_objects SET doomed = true", sweep] {
        let mut late = Box::pin(ada.upload(&path, &[], b"x"));
        while service.number(LOOSE).await == 0 {
            assert!(
                late.as_mut().now_or_never().is_none(),
                "the upload was through before the sweep"
            );
        }
        service.tamper(step).await;
        assert_eq!(late.await.problem().0, 503, "{step}");
        assert_eq!(
            (ada.get(&path).await.status.as_u16(), service.number(PHOTOS).await),
            (404, 0),
            "{step}"
        );
        service.tamper(sweep).await;
    }
}

#[tokio::test]
async fn one_tenants_writes_leave_anothers_leftovers_alone() {
    let service = Service::start().await;
    let (ada, eve) = (
        service.acme(Role::Member).await,
        service.globex(Role::Member).await,
    );
    for caller in [&ada, &eve] {
        let path = caller.create(json!({"title": "a"})).await + "/photos/a";
        assert_eq!(caller.upload(&path, &[], b"x").await.status, 201);
    }
    // as if a crash had come between the rows and the objects
    service
        .tamper(
            "WITH gone AS (DELETE FROM photos RETURNING tenant_id, object)
             INSERT INTO loose_objects SELECT tenant_id, object, true, now() FROM gone",
        )
        .await;
    let trip = ada.create(json!({"title": "b"})).await;
    assert_eq!(ada.delete(&trip, &[("if-match", "*")]).await.status, 204);
    assert_eq!((service.number(LOOSE).await, service.objects().len()), (1, 1));
    let stored = service.objects();
    assert!(
        stored[0]
            .to_str()
            .unwrap()
            .contains(&eve.ctx.tenant_id().to_string())
    );
    assert_eq!(
        eve.json(Method::PUT, "/users/me", &[], &json!({"display_name": "Eve"}))
            .await
            .status,
        200
    );
}
