//! Symbolic links in a bucket: `object_store` follows them, out of the bucket too.

use std::os::unix::fs::symlink;

use tenancy_core::{KeyLayout, Kind};
use tenancy_storage::Listing;

use crate::kit::{Member, Root, body, files, key};

/// Two tenants of the shared bucket; the first has an object, the second links to it in every way.
async fn linked() -> (Root, Member, Member) {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::TenantPrefix).await;
    let globex = root.owner("globex", KeyLayout::TenantPrefix).await;
    acme.create("private/secret", "x").await.unwrap();
    globex.create("own", "y").await.unwrap();
    symlink(acme.folder(), globex.folder().join("folder")).unwrap();
    symlink(acme.folder().join("private/secret"), globex.folder().join("file")).unwrap();
    symlink(acme.folder().join("new"), globex.folder().join("dangling")).unwrap();
    symlink(globex.folder(), globex.folder().join("loop")).unwrap();
    (root, acme, globex)
}

const LINKED: [&str; 5] = [
    "folder/private/secret",
    "file",
    "dangling",
    "dangling/x",
    "loop/own",
];

#[tokio::test]
async fn reading_through_a_link_finds_nothing() {
    let (_root, _acme, globex) = linked().await;
    let absent = globex.read("absent").await.unwrap_err();
    for text in LINKED {
        for error in [
            globex.read(text).await.unwrap_err(),
            globex.head(text).await.unwrap_err(),
        ] {
            assert_eq!(body(&error), body(&absent), "{text}");
            assert!(error.log().unwrap().contains("symbolic link"), "{text}");
        }
    }
    assert_eq!(globex.read("own").await.unwrap(), "y");
}

#[tokio::test]
async fn writing_through_a_link_is_refused() {
    let (_root, acme, globex) = linked().await;
    for text in LINKED {
        let errors = [
            globex.create(text, "z").await.unwrap_err(),
            globex.replace(text, "z").await.unwrap_err(),
            globex.delete(text).await.unwrap_err(),
        ];
        assert!(
            errors.iter().all(|error| error.kind() == Kind::Internal),
            "{text}"
        );
    }
    assert_eq!(files(&acme.folder()), ["private/secret"]);
    assert_eq!(acme.read("private/secret").await.unwrap(), "x");
}

#[tokio::test]
async fn a_list_passes_links_by() {
    let (_root, _acme, globex) = linked().await;
    assert_eq!(globex.keys(Listing::all()).await, ["own"]);
    let below = Listing::all().below(key("folder"));
    let error = globex.store.list(&globex.ctx, &below).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Internal);
}

#[tokio::test]
async fn a_bucket_that_is_a_link_is_refused() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    let globex = root.owner("globex", KeyLayout::Dedicated).await;
    acme.create("secret", "x").await.unwrap();
    symlink(acme.folder(), globex.folder()).unwrap();
    assert_eq!(globex.read("secret").await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(
        globex.replace("secret", "z").await.unwrap_err().kind(),
        Kind::Internal
    );
    assert_eq!(globex.delete("secret").await.unwrap_err().kind(), Kind::Internal);
    let listed = globex.store.list(&globex.ctx, &Listing::all()).await;
    assert_eq!(listed.unwrap_err().kind(), Kind::Internal);
    assert_eq!(acme.read("secret").await.unwrap(), "x");
}

#[tokio::test]
async fn a_root_that_is_a_link_is_followed_once_at_boot() {
    let real = Root::new();
    let acme = real.owner("acme", KeyLayout::Dedicated).await;
    acme.create("a", "x").await.unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("root");
    symlink(real.path(), &link).unwrap();
    let mut linked = Root::new();
    linked.stores = tenancy_storage::ObjectStores::local(&link).unwrap();
    let again = linked.owner_of(acme.tenant.clone()).await;
    assert_eq!(again.read("a").await.unwrap(), "x");
}

#[tokio::test]
async fn a_bucket_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    acme.create("a", "x").await.unwrap();
    let mode = acme.folder().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
