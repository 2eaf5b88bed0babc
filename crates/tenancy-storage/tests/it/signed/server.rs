//! Signed URLs at an object server, as a client without credentials uses them.
//!
//! The server looks at no signature, no expiry and no `x-goog-` header: what it would let pass is in [`super::misuse`].

use jiff::Timestamp;
use reqwest::{Client, Method, Response};
use tenancy_core::KeyLayout;
use tenancy_storage::{GcsCredentials, GcsOptions, GetTerms, ObjectStores, PutTerms, SignedUrl, Usage};
use tenancy_testkit::ObjectServer;

use super::Signing;
use crate::kit::{LAYOUTS, key};

async fn send(url: &SignedUrl, content: &'static str) -> Response {
    let method = Method::from_bytes(url.method().as_bytes()).unwrap();
    let request = Client::new().request(method, url.expose()).body(content);
    let headers = url.headers().iter();
    let request = headers.fold(request, |request, (name, value)| request.header(*name, value));
    request.send().await.unwrap()
}

async fn round(layout: KeyLayout) {
    let server = ObjectServer::shared().await.unwrap();
    let signing = Signing::new(layout, Timestamp::now()).await.at(&server.url());
    let place = signing.record.placement.objects.values().next().unwrap();
    server.create_bucket(place.bucket.as_str()).await.unwrap();
    let (store, photo) = (signing.store(), key("..b/.hidden/photo-1.jpg"));

    let terms = PutTerms::new("image/jpeg".parse().unwrap(), 1000).at_least(1);
    let put = store.sign_put(&signing.permit, &photo, terms).await.unwrap();
    assert_eq!(send(&put, "jpeg").await.status(), 200);
    let options = GcsOptions::new(GcsCredentials::Anonymous).endpoint(server.url());
    let own = ObjectStores::gcs(&options)
        .await
        .unwrap()
        .handle("uploads".parse().unwrap());
    assert_eq!(own.head(&signing.ctx, &photo).await.unwrap().size, 4);
    assert_eq!(
        own.usage(&signing.ctx).await.unwrap().total,
        Usage { objects: 1, bytes: 4 }
    );

    let terms = GetTerms::default().named("Größe.jpg".parse().unwrap());
    let get = store.sign_get(&signing.ctx, &photo, terms).await.unwrap();
    let answer = send(&get, "").await;
    assert_eq!(answer.status(), 200);
    let disposition = answer.headers()["content-disposition"].to_str().unwrap();
    assert_eq!(
        disposition,
        "attachment; filename=\"Gr__e.jpg\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.jpg"
    );
    assert_eq!(answer.text().await.unwrap(), "jpeg");

    let other = store
        .sign_get(&signing.ctx, &key("b/photo-1.jpg"), GetTerms::default())
        .await;
    assert_eq!(send(&other.unwrap(), "").await.status(), 404);
    stored_at(server, &signing, layout).await;
}

/// The object is where the spec says, and nowhere else.
async fn stored_at(server: &ObjectServer, signing: &Signing, layout: KeyLayout) {
    let id = signing.record.id;
    let (bucket, name) = match layout {
        KeyLayout::TenantPrefix => (
            "app-shared-uploads".to_owned(),
            format!("{id}/..b/.hidden/photo-1.jpg"),
        ),
        KeyLayout::Dedicated => (format!("{id}-uploads"), "..b/.hidden/photo-1.jpg".to_owned()),
    };
    let list = format!("{}/storage/v1/b/{bucket}/o?prefix={}", server.url(), &name[..4]);
    let list = reqwest::get(list).await.unwrap().text().await.unwrap();
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let items = list["items"].as_array().unwrap();
    let names: Vec<_> = items.iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, [name]);
    assert_eq!(items[0]["contentType"], "image/jpeg");
}

#[tokio::test]
async fn a_client_without_credentials_writes_and_reads_by_signed_urls() {
    for layout in LAYOUTS {
        round(layout).await;
    }
}

/// The list in the README of what only the cloud checks. When the server learns to, this fails, and the list gets shorter.
#[tokio::test]
async fn the_server_checks_nothing_of_a_signed_url() {
    let server = ObjectServer::shared().await.unwrap();
    let past: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let mut signing = Signing::new(KeyLayout::Dedicated, past).await.at(&server.url());
    let bucket = format!("{}-unchecked", signing.record.id);
    server.create_bucket(&bucket).await.unwrap();
    let place = tenancy_core::ObjectsPlacement {
        bucket: bucket.parse().unwrap(),
        layout: KeyLayout::Dedicated,
    };
    signing = signing.placed(place).await;
    let terms = PutTerms::new("image/jpeg".parse().unwrap(), 1);
    let put = signing
        .store()
        .sign_put(&signing.permit, &key("a"), terms)
        .await
        .unwrap();
    // it ended years ago, the content is too long, and the second time the object is there
    for _ in 0..2 {
        assert_eq!(send(&put, "jpeg").await.status(), 200);
    }
    let forged = put.expose().replace("X-Goog-Signature=", "X-Goog-Signature=00");
    let forged = Client::new()
        .put(forged)
        .header("content-type", "text/html")
        .body("x");
    assert_eq!(forged.send().await.unwrap().status(), 200);
}
