//! `/itineraries/{id}/photos`.

use std::time::Duration;

use axum::http::{Method, header};
use serde_json::json;
use tenancy_core::Role;
use tokio::runtime::Builder;

use crate::support::Service;

#[tokio::test]
async fn a_photo_is_uploaded_listed_downloaded_and_deleted() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let trip = ada.create(json!({"title": "Alps"})).await;
    let path = format!("{trip}/photos/summit.png");
    let created = ada.upload(&path, &[], b"first").await;
    assert_eq!(
        (created.status.as_u16(), created.header(header::LOCATION)),
        (201, path.as_str())
    );

    let read = ada.get(&path).await;
    assert_eq!(
        (read.status.as_u16(), &read.body[..], read.etag()),
        (200, &b"first"[..], created.etag())
    );
    for (name, value) in [
        (header::CONTENT_TYPE, "image/png"),
        (header::CONTENT_LENGTH, "5"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"summit.png\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ] {
        assert_eq!(read.header(name), value);
    }
    let same = ada
        .send(Method::GET, &path, &[("if-none-match", &read.etag())], ())
        .await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));

    let list = ada.get(&format!("{trip}/photos")).await.json();
    assert_eq!(list, json!({"items": [created.json()]}));
    assert_eq!(
        (&list["items"][0]["size"], &list["items"][0]["content_type"]),
        (&json!(5), &json!("image/png"))
    );

    assert_eq!(ada.delete(&path, &[]).await.status, 204);
    assert_eq!(ada.delete(&path, &[]).await.status, 404);
    assert_eq!(ada.get(&path).await.status, 404);
    assert_eq!(service.objects().len(), 0);
}

#[tokio::test]
async fn putting_the_same_again_changes_nothing_and_another_content_replaces_it() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let path = ada.create(json!({"title": "Alps"})).await + "/photos/a";
    let first = ada.upload(&path, &[], b"first").await;
    let again = ada.upload(&path, &[], b"first").await;
    assert_eq!(
        (again.status.as_u16(), again.etag(), again.json()),
        (200, first.etag(), first.json())
    );
    let second = ada.upload(&path, &[], b"second").await;
    assert_eq!(
        (second.status.as_u16(), second.etag() != first.etag()),
        (200, true)
    );
    assert_eq!(&ada.get(&path).await.body[..], b"second");
    assert_eq!(service.objects().len(), 1);
    // the same bytes as another type are another photo
    let third = ada
        .send(Method::PUT, &path, &[("content-type", "image/webp")], "second")
        .await;
    assert_eq!(
        (third.status.as_u16(), third.etag() != second.etag()),
        (200, true)
    );
    assert_eq!(ada.get(&path).await.header(header::CONTENT_TYPE), "image/webp");
}

#[tokio::test]
async fn preconditions_hold_for_photos() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let path = ada.create(json!({"title": "Alps"})).await + "/photos/a";
    assert_eq!(ada.upload(&path, &[("if-match", "*")], b"x").await.status, 412);
    let created = ada.upload(&path, &[("if-none-match", "*")], b"x").await;
    assert_eq!(created.status, 201);
    assert_eq!(
        ada.upload(&path, &[("if-none-match", "*")], b"y").await.status,
        412
    );
    assert_eq!(
        ada.upload(&path, &[("if-match", &created.etag())], b"y")
            .await
            .status,
        200
    );
    assert_eq!(
        ada.upload(&path, &[("if-match", &created.etag())], b"z")
            .await
            .status,
        412
    );
    assert_eq!(
        ada.delete(&path, &[("if-match", &created.etag())]).await.status,
        412
    );
    assert_eq!(
        (&ada.get(&path).await.body[..], service.objects().len()),
        (&b"y"[..], 1)
    );
}

#[tokio::test]
async fn a_photo_is_as_visible_as_its_itinerary() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let callers = [
        (service.acme(Role::Member).await, 404, 404, 200, 403),
        (service.acme(Role::ReadOnly).await, 404, 403, 200, 403),
        (service.globex(Role::Owner).await, 404, 404, 404, 404),
        (service.acme(Role::Owner).await, 200, 200, 200, 200),
    ];
    for (visibility, shared) in [("private", false), ("shared", true)] {
        let trip = ada.create(json!({"title": "a", "visibility": visibility})).await;
        let path = format!("{trip}/photos/a");
        assert_eq!(ada.upload(&path, &[], b"x").await.status, 201);
        for (caller, private_read, private_write, shared_read, shared_write) in &callers {
            let (read, write) = if shared {
                (shared_read, shared_write)
            } else {
                (private_read, private_write)
            };
            let role = caller.ctx.role();
            assert_eq!(caller.get(&path).await.status, *read, "{role:?} {visibility}");
            assert_eq!(
                caller.get(&format!("{trip}/photos")).await.status,
                *read,
                "{role:?} {visibility}"
            );
            assert_eq!(
                caller.upload(&path, &[], b"y").await.status,
                *write,
                "{role:?} {visibility}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_no_photo_is_refused_and_nothing_is_stored() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let trip = ada.create(json!({"title": "Alps"})).await;
    let path = format!("{trip}/photos/a");
    let put = async |media_type, bytes: usize| {
        let answer = ada
            .send(
                Method::PUT,
                &path,
                &[("content-type", media_type)],
                vec![1; bytes],
            )
            .await;
        answer.status.as_u16()
    };
    assert_eq!(put("image/svg+xml", 1).await, 415);
    assert_eq!(put("image/png", 0).await, 422);
    assert_eq!(put("image/png", 5 * 1024 * 1024 + 1).await, 413);
    assert_eq!(service.number("SELECT count(*) FROM loose_objects").await, 0);
    assert_eq!(put("image/png", 5 * 1024 * 1024).await, 201);
    assert_eq!(ada.get(&path).await.body.len(), 5 * 1024 * 1024);
}

#[tokio::test]
async fn an_itinerary_has_a_hundred_photos_at_most() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let trip = ada.create(json!({"title": "Alps"})).await;
    assert_eq!(
        ada.upload(&format!("{trip}/photos/first"), &[], b"x")
            .await
            .status,
        201
    );
    service
        .tamper(
            "INSERT INTO photos (tenant_id, itinerary, name, object, content_type, size, sha256)
             SELECT tenant_id, itinerary, 'p' || n, gen_random_uuid(), content_type, size, sha256
             FROM photos, generate_series(1, 99) n",
        )
        .await;
    let answer = ada.upload(&format!("{trip}/photos/one-more"), &[], b"x").await;
    assert_eq!((answer.problem().0, &answer.json()["limit"]), (403, &json!(100)));
    assert_eq!(
        ada.upload(&format!("{trip}/photos/first"), &[], b"y")
            .await
            .status,
        200,
        "replacing goes on"
    );
    assert_eq!(
        ada.get(&format!("{trip}/photos")).await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
}

/// The one thread that opens files is held, so that the replacement comes between the row and its object.
#[test]
fn a_photo_that_is_replaced_while_it_is_opened_is_looked_up_again() {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let service = Service::start().await;
        let ada = service.acme(Role::Member).await;
        let path = ada.create(json!({"title": "Alps"})).await + "/photos/a";
        assert_eq!(ada.upload(&path, &[], b"x").await.status, 201);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let holder = tokio::task::spawn_blocking(move || held.recv());
        let mut read = Box::pin(ada.get(&path));
        tokio::time::timeout(Duration::from_millis(300), &mut read)
            .await
            .unwrap_err();
        let old = service.objects().remove(0);
        std::fs::rename(&old, old.with_file_name(REPLACEMENT)).unwrap();
        service
            .tamper("UPDATE photos SET object = '018f2b5e-0000-7000-8000-00000000000b'")
            .await;
        release.send(()).unwrap();
        let answer = read.await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body[..]),
            (200, &b"x"[..]),
            "{answer:?}"
        );
        holder.await.unwrap().unwrap();
    });
}

const REPLACEMENT: &str = "018f2b5e-0000-7000-8000-00000000000b";

#[tokio::test]
async fn a_photo_whose_object_is_gone_is_a_mistake_of_ours_and_not_absent() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    let path = ada.create(json!({"title": "Alps"})).await + "/photos/a";
    assert_eq!(ada.upload(&path, &[], b"x").await.status, 201);
    std::fs::remove_file(&service.objects()[0]).unwrap();
    assert_eq!(ada.get(&path).await.problem().0, 500);
}
