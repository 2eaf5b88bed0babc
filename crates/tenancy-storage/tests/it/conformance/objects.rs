//! One tenant's objects.

use tenancy_core::Kind;
use tenancy_storage::{Listing, PutMode};

use super::owners;
use crate::kit::key;

#[tokio::test]
async fn an_object_is_written_read_replaced_and_deleted() {
    for (_root, acme) in owners().await {
        let made = acme.create("photos/1.jpg", "one").await.unwrap();
        assert_eq!((made.key.as_str(), made.size), ("photos/1.jpg", 3));
        assert_eq!(acme.read("photos/1.jpg").await.unwrap(), "one");
        assert_eq!(acme.head("photos/1.jpg").await.unwrap(), made);

        let replaced = acme.replace("photos/1.jpg", "two").await.unwrap();
        assert_ne!(replaced.etag, made.etag);
        assert_eq!(acme.read("photos/1.jpg").await.unwrap(), "two");
        let opened = acme.store.get(&acme.ctx, &key("photos/1.jpg")).await.unwrap();
        assert_eq!(opened.meta, replaced);

        acme.delete("photos/1.jpg").await.unwrap();
        acme.delete("photos/1.jpg").await.unwrap();
        let errors = [
            acme.head("photos/1.jpg").await.unwrap_err(),
            acme.read("photos/1.jpg").await.unwrap_err(),
            acme.range("photos/1.jpg", 0..1).await.unwrap_err(),
        ];
        assert!(
            errors.iter().all(|error| error.kind() == Kind::NotFound),
            "{errors:?}"
        );
    }
}

#[tokio::test]
async fn create_refuses_a_key_that_is_taken() {
    for (_root, acme) in owners().await {
        acme.create("a", "one").await.unwrap();
        let streamed = acme.stream("a", vec![Ok("two".into())], PutMode::Create).await;
        let errors = [
            acme.create("a", "two").await.unwrap_err(),
            streamed.unwrap_err(),
            acme.copy("a", "a", PutMode::Create).await.unwrap_err(),
        ];
        assert!(
            errors.iter().all(|error| error.kind() == Kind::Conflict),
            "{errors:?}"
        );
        assert_eq!(acme.read("a").await.unwrap(), "one");
    }
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    for (_root, acme) in owners().await {
        acme.create("empty", "").await.unwrap();
        assert_eq!(acme.read("empty").await.unwrap(), "");
        let made = acme.stream("streamed", vec![], PutMode::Create).await.unwrap();
        assert_eq!(acme.head("streamed").await.unwrap(), made);
        assert_eq!(made.size, 0);
    }
}

#[tokio::test]
async fn many_objects_are_deleted_and_no_others() {
    for (_root, acme) in owners().await {
        let names: Vec<String> = (0..40).map(|n| format!("photos/{n:02}")).collect();
        for name in &names {
            acme.create(name, "x").await.unwrap();
        }
        let gone: Vec<_> = names[..39]
            .iter()
            .map(String::as_str)
            .chain(["absent"])
            .map(key)
            .collect();
        acme.store.delete_many(&acme.permit, &gone).await.unwrap();
        acme.store.delete_many(&acme.permit, &gone).await.unwrap();
        assert_eq!(acme.keys(Listing::all()).await, ["photos/39"]);
    }
}

#[tokio::test]
async fn a_copy_is_an_object_of_its_own() {
    for (_root, acme) in owners().await {
        acme.create("a", "one").await.unwrap();
        acme.copy("a", "b/c", PutMode::Create).await.unwrap();
        acme.replace("a", "two").await.unwrap();
        assert_eq!(acme.read("b/c").await.unwrap(), "one");
        acme.copy("a", "b/c", PutMode::Replace).await.unwrap();
        acme.delete("a").await.unwrap();
        assert_eq!(acme.read("b/c").await.unwrap(), "two");
        for mode in [PutMode::Create, PutMode::Replace] {
            let error = acme.copy("absent", "d", mode).await.unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound);
        }
        assert_eq!(acme.head("d").await.unwrap_err().kind(), Kind::NotFound);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_creators_one_wins() {
    for (_root, acme) in owners().await {
        for round in 0..5 {
            let key = key(&format!("race/{round}"));
            let writers = (0..8).map(|n| {
                let (store, permit, key) = (acme.store.clone(), acme.permit.clone(), key.clone());
                tokio::spawn(async move {
                    let put = store
                        .put(&permit, &key, format!("{n}").into(), PutMode::Create)
                        .await;
                    (n, put)
                })
            });
            let mut winners = Vec::new();
            for written in futures::future::join_all(writers).await {
                match written.unwrap() {
                    (n, Ok(_)) => winners.push(n),
                    (_, Err(error)) => assert_eq!(error.kind(), Kind::Conflict, "{error:?}"),
                }
            }
            assert_eq!(winners.len(), 1);
            assert_eq!(acme.read(key.as_str()).await.unwrap(), winners[0].to_string());
        }
    }
}
