//! Writers at the same time.

use bytes::Bytes;
use futures::future::join_all;
use tenancy_core::{KeyLayout, Kind};
use tenancy_storage::PutMode;

use crate::kit::{LAYOUTS, Root, files, key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_creators_one_wins() {
    for layout in LAYOUTS {
        let root = Root::new();
        let acme = root.owner("acme", layout).await;
        for round in 0..50 {
            let key = key(&format!("race/{round}"));
            let writer = |content: &'static str| {
                let (store, permit, key) = (acme.store.clone(), acme.permit.clone(), key.clone());
                tokio::spawn(async move { store.put(&permit, &key, content.into(), PutMode::Create).await })
            };
            let (one, two) = (writer("one"), writer("two"));
            let (one, two) = (one.await.unwrap(), two.await.unwrap());
            let winner = match (&one, &two) {
                (Ok(_), Err(error)) if error.kind() == Kind::Conflict => "one",
                (Err(error), Ok(_)) if error.kind() == Kind::Conflict => "two",
                other => panic!("{other:?}"),
            };
            assert_eq!(acme.read(key.as_str()).await.unwrap(), winner);
        }
        // nothing of the losers is left
        assert_eq!(files(root.path()).len(), 50);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_one_writers_whole_content() {
    const SIZE: usize = 100_000;
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::TenantPrefix).await;
    let write = async |byte: u8| {
        let content = Bytes::from(vec![byte; SIZE]);
        acme.store
            .put(&acme.permit, &key("a"), content, PutMode::Replace)
            .await
            .unwrap();
    };
    let read = async || {
        let object = acme.store.get(&acme.ctx, &key("a")).await.unwrap();
        let content = object.into_bytes(SIZE as u64).await.unwrap();
        assert!(content.len() == SIZE && content.iter().all(|byte| *byte == content[0]));
    };
    write(0).await;
    for round in 0..10 {
        tokio::join!(
            join_all((0..4).map(|n| write(round * 4 + n))),
            join_all((0..8).map(|_| read()))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cleaning_up_an_empty_folder_loses_no_neighbours_write() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::Dedicated).await;
    for round in 0..50 {
        let (gone, kept) = (format!("{round}/a/gone"), format!("{round}/a/kept"));
        acme.create(&gone, "x").await.unwrap();
        let (deleted, made) = tokio::join!(acme.delete(&gone), acme.create(&kept, "y"));
        deleted.unwrap();
        made.unwrap();
        assert_eq!(acme.read(&kept).await.unwrap(), "y");
    }
}
