//! Who gets no URL.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tenancy_core::{
    DataWrite, Epoch, KeyLayout, Kind, Permit, Role, SecretRef, TenantId, TenantRecord, TenantStatus, names,
};
use tenancy_storage::{GetTerms, ObjectStores, PutTerms, UrlSigner};
use tenancy_testkit::context;

use super::Signing;
use crate::kit::{Root, key};

async fn check(what: &str, change: impl FnOnce(&mut TenantRecord), expect: Option<Kind>) {
    let signing = Signing::new(KeyLayout::TenantPrefix, Timestamp::now()).await;
    let mut record = signing.record.clone();
    change(&mut record);
    signing.directory.says(Some(record));
    let (store, photo) = (signing.store(), key("photos/a.jpg"));
    let get = store.sign_get(&signing.ctx, &photo, GetTerms::default()).await;
    assert_eq!(get.err().map(|error| error.kind()), expect, "{what}");
    let terms = PutTerms::new("image/jpeg".parse().unwrap(), 1000);
    let put = store.sign_put(&signing.permit, &photo, terms).await;
    assert_eq!(put.err().map(|error| error.kind()), expect, "{what}");
}

/// The contexts are as they were when the tenant was served.
#[tokio::test]
async fn a_tenant_that_is_not_served_or_moved_gets_no_url() {
    use TenantStatus::{Deleting, Moving, Provisioning, Suspended};
    check("served", |_| (), None).await;
    check("renamed", |r| r.name = "New".into(), None).await;
    check("suspended", |r| r.status = Suspended, Some(Kind::Suspended)).await;
    check("between two places", |r| r.status = Moving, Some(Kind::Moving)).await;
    check("being erased", |r| r.status = Deleting, Some(Kind::NotFound)).await;
    check("being made", |r| r.status = Provisioning, Some(Kind::Unavailable)).await;
    check("moved", |r| r.placement.epoch = Epoch(1), Some(Kind::Moving)).await;
    let elsewhere = |r: &mut TenantRecord| {
        let place = names::objects(r.id, KeyLayout::Dedicated).unwrap();
        r.placement.objects = [("uploads".parse().unwrap(), place)].into();
    };
    check("in another bucket", elsewhere, Some(Kind::Moving)).await;
    check(
        "without the store",
        |r| r.placement.objects.clear(),
        Some(Kind::Moving),
    )
    .await;
    check("mixed up", |r| r.id = TenantId::new(), Some(Kind::NotFound)).await;
}

#[tokio::test]
async fn a_tenant_that_is_gone_gets_no_url() {
    let signing = Signing::new(KeyLayout::Dedicated, Timestamp::now()).await;
    signing.directory.says(None);
    let get = signing
        .store()
        .sign_get(&signing.ctx, &key("a"), GetTerms::default())
        .await;
    assert_eq!(get.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn who_only_reads_gives_no_url_to_write() {
    let signing = Signing::new(KeyLayout::Dedicated, Timestamp::now()).await;
    let ctx = context(&signing.record, Role::ReadOnly).await;
    assert_eq!(
        Permit::<DataWrite>::check(&ctx).unwrap_err().kind(),
        Kind::Forbidden
    );
    assert!(
        signing
            .store()
            .sign_get(&ctx, &key("a"), GetTerms::default())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn stores_without_a_signer_and_placements_without_the_store_give_no_url() {
    let root = Root::new();
    let owner = root.owner("acme", KeyLayout::Dedicated).await;
    let get = owner
        .store
        .sign_get(&owner.ctx, &key("a"), GetTerms::default())
        .await;
    assert_eq!(get.unwrap_err().kind(), Kind::Internal);

    let signing = Signing::new(KeyLayout::Dedicated, Timestamp::now()).await;
    let stores = ObjectStores::local(root.path())
        .unwrap()
        .with_url_signer(signing.signer.clone());
    let other = stores.handle("exports".parse().unwrap());
    let get = other.sign_get(&signing.ctx, &key("a"), GetTerms::default()).await;
    assert_eq!(get.unwrap_err().kind(), Kind::NotEntitled);
}

#[tokio::test]
async fn the_default_clock_is_the_systems() {
    let signing = Signing::new(KeyLayout::Dedicated, Timestamp::now()).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), super::vectors()["key_file"].to_string()).unwrap();
    let directory = Arc::clone(&signing.directory) as _;
    let signer = UrlSigner::key_file(SecretRef::File(file.path().to_owned()), directory).unwrap();
    let stores = ObjectStores::local(&std::env::temp_dir())
        .unwrap()
        .with_url_signer(signer);
    let store = stores.handle("uploads".parse().unwrap());
    let url = store
        .sign_get(&signing.ctx, &key("a"), GetTerms::default())
        .await
        .unwrap();
    let left = url.expires_at().duration_since(Timestamp::now());
    assert!(
        left > SignedDuration::from_secs(200) && left <= SignedDuration::from_secs(300),
        "{left}"
    );
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_not_repeated() {
    let whole = super::vectors()["key_file"].clone();
    let with = |name: &str, value: &str| {
        let mut changed = whole.clone();
        changed[name] = value.into();
        changed.to_string()
    };
    let signing = Signing::new(KeyLayout::Dedicated, Timestamp::now()).await;
    for text in [
        "hunter2".to_owned(),
        "{\"private_key\": \"hunter2\"}".to_owned(),
        with("type", "authorized_user"),
        with("client_email", "hunter2/../x@y"),
        with("private_key", "hunter2"),
        with(
            "private_key",
            "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
        ),
    ] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &text).unwrap();
        let directory = Arc::clone(&signing.directory) as _;
        let error = UrlSigner::key_file(SecretRef::File(file.path().to_owned()), directory).unwrap_err();
        assert_eq!(error.kind(), Kind::Internal, "{text}");
        let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
