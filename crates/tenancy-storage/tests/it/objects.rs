//! One tenant's objects.

use bytes::Bytes;
use futures::StreamExt;
use tenancy_core::{KeyLayout, Kind};
use tenancy_storage::PutMode;

use crate::kit::{LAYOUTS, Root, files, key};

#[tokio::test]
async fn an_object_is_written_read_replaced_and_deleted() {
    for layout in LAYOUTS {
        let root = Root::new();
        let acme = root.owner("acme", layout).await;
        let made = acme.create("photos/1.jpg", "one").await.unwrap();
        assert_eq!((made.key.as_str(), made.size), ("photos/1.jpg", 3));
        assert_eq!(acme.read("photos/1.jpg").await.unwrap(), "one");
        assert_eq!(acme.head("photos/1.jpg").await.unwrap(), made);

        let replaced = acme.replace("photos/1.jpg", "two").await.unwrap();
        assert_ne!(replaced.etag, made.etag);
        assert_eq!(acme.read("photos/1.jpg").await.unwrap(), "two");

        acme.delete("photos/1.jpg").await.unwrap();
        acme.delete("photos/1.jpg").await.unwrap();
        assert_eq!(
            acme.head("photos/1.jpg").await.unwrap_err().kind(),
            Kind::NotFound
        );
        assert_eq!(
            acme.read("photos/1.jpg").await.unwrap_err().kind(),
            Kind::NotFound
        );
    }
}

#[tokio::test]
async fn create_refuses_a_key_that_is_taken() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    acme.create("a", "one").await.unwrap();
    assert_eq!(acme.create("a", "two").await.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(acme.read("a").await.unwrap(), "one");
}

#[tokio::test]
async fn an_object_above_the_bound_is_refused_before_anything_is_written() {
    let mut root = Root::new();
    root.stores = root.stores.clone().with_max_object_bytes(3);
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    acme.create("a", "abc").await.unwrap();
    let error = acme.create("b", "abcd").await.unwrap_err();
    assert_eq!((error.kind(), error.problem().status()), (Kind::Invalid, 413));
    assert_eq!(files(root.path()).len(), 1);
}

#[tokio::test]
async fn a_large_object_comes_in_chunks_and_is_collected_within_a_bound_only() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::TenantPrefix).await;
    let content = Bytes::from(vec![7; 1_000_003]);
    acme.store
        .put(&acme.permit, &key("large"), content.clone(), PutMode::Create)
        .await
        .unwrap();

    let mut object = acme.store.get(&acme.ctx, &key("large")).await.unwrap();
    let mut chunks = 0;
    let mut read = Vec::new();
    while let Some(chunk) = object.content.next().await {
        chunks += 1;
        read.extend_from_slice(&chunk.unwrap());
    }
    assert!(chunks > 1);
    assert_eq!(read, content);

    let object = acme.store.get(&acme.ctx, &key("large")).await.unwrap();
    assert_eq!(
        object.into_bytes(1_000_002).await.unwrap_err().kind(),
        Kind::Invalid
    );
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    acme.create("empty", "").await.unwrap();
    assert_eq!(acme.read("empty").await.unwrap(), "");
}

#[tokio::test]
async fn a_reader_keeps_what_it_opened() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    acme.create("a", "one").await.unwrap();
    let opened = acme.store.get(&acme.ctx, &key("a")).await.unwrap();
    acme.replace("a", "two").await.unwrap();
    acme.delete("a").await.unwrap();
    assert_eq!(opened.into_bytes(10).await.unwrap(), "one");
}

/// A cloud's store is flat; a file system is not, and says so instead of losing an object.
#[tokio::test]
async fn object_and_folder_of_one_name_clash() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    acme.create("a/b", "x").await.unwrap();
    for put in [
        acme.create("a", "y").await,
        acme.replace("a", "y").await,
        acme.replace("a/b/c", "y").await,
    ] {
        assert_eq!(put.unwrap_err().kind(), Kind::Conflict);
    }
    for text in ["a", "a/b/c"] {
        assert_eq!(
            acme.read(text).await.unwrap_err().kind(),
            Kind::NotFound,
            "{text}"
        );
        acme.delete(text).await.unwrap();
    }
    assert_eq!(acme.read("a/b").await.unwrap(), "x");

    // the last object of a folder takes the folder along
    acme.delete("a/b").await.unwrap();
    acme.create("a", "y").await.unwrap();
    assert_eq!(acme.read("a").await.unwrap(), "y");
}
