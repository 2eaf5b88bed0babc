//! When the file system fails.

use futures::StreamExt;
use tenancy_core::{KeyLayout, Kind};
use tenancy_storage::{Listing, ObjectStores, PutMode};

use crate::kit::{Root, body, files, key};

#[test]
fn a_root_that_does_not_exist_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for root in [folder.path().join("absent"), file] {
        let error = ObjectStores::local(&root).unwrap_err();
        assert!(error.log().unwrap().contains("create it"), "{root:?}");
        assert!(!folder.path().join("absent").exists());
    }
}

#[tokio::test]
async fn a_root_that_went_away_is_unavailable_and_not_empty() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::TenantPrefix).await;
    acme.create("a", "x").await.unwrap();
    let aside = root.path().with_extension("aside");
    std::fs::rename(root.path(), &aside).unwrap();
    let errors = [
        acme.read("a").await.unwrap_err(),
        acme.head("a").await.unwrap_err(),
        acme.create("b", "x").await.unwrap_err(),
        acme.delete("a").await.unwrap_err(),
        acme.store.list(&acme.ctx, &Listing::all()).await.unwrap_err(),
    ];
    assert!(!root.path().exists(), "the root is not made again");
    std::fs::rename(&aside, root.path()).unwrap();
    for error in errors {
        assert_eq!(
            (error.kind(), error.problem().retry_after_seconds()),
            (Kind::Unavailable, Some(1))
        );
        assert!(!body(&error).contains(root.path().to_str().unwrap()));
    }
    assert_eq!(acme.read("a").await.unwrap(), "x");
}

#[tokio::test]
async fn a_bucket_that_was_never_written_to_is_empty() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    assert_eq!(acme.read("a").await.unwrap_err().kind(), Kind::NotFound);
    acme.delete("a").await.unwrap();
    assert!(acme.keys(Listing::all()).await.is_empty());
    assert!(files(root.path()).is_empty() && !acme.folder().exists());
}

/// The driver gives empty chunks for ever then.
#[tokio::test]
async fn a_file_cut_short_under_a_reader_ends_the_stream() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    let content = vec![7_u8; 200_000];
    acme.store
        .put(&acme.permit, &key("a"), content.into(), PutMode::Create)
        .await
        .unwrap();
    let mut object = acme.store.get(&acme.ctx, &key("a")).await.unwrap();
    object.content.next().await.unwrap().unwrap();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(acme.folder().join("a"))
        .unwrap();
    file.set_len(50_000).unwrap();
    let rest: Vec<_> = object.content.take(1000).collect().await;
    assert_eq!(
        rest.last().unwrap().as_ref().unwrap_err().kind(),
        Kind::Unavailable
    );
}
