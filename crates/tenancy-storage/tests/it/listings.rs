//! What a listing of folders leaves out.

use tenancy_core::KeyLayout;
use tenancy_storage::Listing;

use crate::kit::Root;

#[tokio::test]
async fn what_is_no_object_is_not_listed() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    assert!(acme.keys(Listing::all()).await.is_empty());
    acme.create("a", "x").await.unwrap();
    // left by a crash while an object was written, and by people
    for name in ["b#1", "c d", "caf\u{e9}"] {
        std::fs::write(acme.folder().join(name), "x").unwrap();
    }
    assert_eq!(acme.keys(Listing::all()).await, ["a"]);
}
