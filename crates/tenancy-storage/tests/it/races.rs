//! Writers at the same time.

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
