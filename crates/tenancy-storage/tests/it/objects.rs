//! What is so on a file system only.

use tenancy_core::{KeyLayout, Kind};
use tenancy_storage::PutMode;

use crate::kit::{Root, files};

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

/// A name that no list shows would keep what its object's deletion should end.
#[tokio::test]
async fn a_copy_leaves_no_name_beside() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    acme.create("a", "abc").await.unwrap();
    for (from, to) in [("a", "b"), ("a", "b"), ("a", "a"), ("b", "c/d"), ("b", "a")] {
        acme.copy(from, to, PutMode::Replace).await.unwrap();
    }
    assert_eq!(files(&acme.folder()), ["a", "b", "c/d"]);
    for text in ["a", "b", "c/d"] {
        assert_eq!(acme.read(text).await.unwrap(), "abc");
        acme.delete(text).await.unwrap();
    }
    assert!(files(root.path()).is_empty());
}
