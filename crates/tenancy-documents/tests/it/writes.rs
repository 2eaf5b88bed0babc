//! Conditions, masks, the server's time, batches, bulk.

use serde::{Deserialize, Serialize};
use tenancy_core::{DocumentLayout, Kind};
use tenancy_documents::{Document, Query, Write};

use crate::kit::{Trip, at, of, trip, world};

#[tokio::test]
async fn a_write_happens_only_in_the_state_that_was_read() {
    let world = world(DocumentLayout::Dedicated).await;
    let (documents, permit) = (&world.documents, &world.acme.permit);
    let path = at("trips/a");
    let set = |days| Write::set(&path, &trip("a", days)).unwrap();
    let first = documents.write(permit, set(1)).await.unwrap();
    let second = documents.write(permit, set(2).if_version(first)).await.unwrap();
    assert!(second > first);
    for stale in [set(3).if_version(first), Write::delete(&path).if_version(first)] {
        let error = documents.write(permit, stale).await.unwrap_err();
        assert_eq!((error.kind(), error.problem().status()), (Kind::Conflict, 412));
    }
    let read: Document<Trip> = documents.get(&world.acme.ctx, &path).await.unwrap();
    assert_eq!((read.data.days, read.version), (2, second));
    documents
        .write(permit, Write::delete(&path).if_version(second))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_update_changes_its_fields_alone() {
    #[derive(Serialize)]
    struct Change {
        days: Option<u32>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Read {
        title: String,
        days: Option<u32>,
        changed: Option<serde_json::Value>,
    }
    let world = world(DocumentLayout::TenantRoot).await;
    let (documents, permit) = (&world.documents, &world.acme.permit);
    let (path, days) = (at("trips/a"), "days".parse().unwrap());
    let change =
        |days_now| Write::update(&path, &Change { days: days_now }, std::slice::from_ref(&days)).unwrap();
    let error = documents.write(permit, change(Some(7))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "there is nothing to change");
    documents.create(permit, &path, &trip("a", 1)).await.unwrap();
    documents
        .write(permit, change(Some(7)).at_server_time("changed".parse().unwrap()))
        .await
        .unwrap();
    let read: Document<Read> = documents.get(&world.acme.ctx, &path).await.unwrap();
    assert_eq!((read.data.title.as_str(), read.data.days), ("a", Some(7)));
    assert!(read.data.changed.is_some());
    documents.write(permit, change(None)).await.unwrap();
    let read: Document<Read> = documents.get(&world.acme.ctx, &path).await.unwrap();
    assert_eq!((read.data.title.as_str(), read.data.days), ("a", None));
}

#[tokio::test]
async fn a_batch_is_done_or_not() {
    let world = world(DocumentLayout::CollectionRoot).await;
    let (documents, permit) = (&world.documents, &world.acme.permit);
    let create = |id: &str| Write::create(&at(&format!("trips/{id}")), &trip(id, 1)).unwrap();
    documents
        .batch(permit, vec![create("a"), create("b")])
        .await
        .unwrap();
    let error = documents
        .batch(permit, vec![create("c"), create("a")])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(
        documents
            .count(&world.acme.ctx, &Query::of(of("trips")))
            .await
            .unwrap(),
        2
    );
    let many = (0..501).map(|n| create(&n.to_string())).collect();
    assert_eq!(
        documents
            .batch(permit, many)
            .await
            .unwrap_err()
            .problem()
            .status(),
        413
    );
    assert!(documents.batch(permit, Vec::new()).await.unwrap().is_empty());
}

#[tokio::test]
async fn bulk_says_what_was_refused() {
    let world = world(DocumentLayout::TenantRoot).await;
    let (documents, permit) = (&world.documents, &world.acme.permit);
    let path = |n: u32| at(&format!("trips/{n}"));
    documents.create(permit, &path(3), &trip("3", 3)).await.unwrap();
    let mut writes: Vec<Write> = (0..700)
        .map(|n| Write::create(&path(n), &trip("x", n)).unwrap())
        .collect();
    // of one document the last one stays
    writes.push(Write::set(&path(5), &trip("last", 5)).unwrap());
    let report = documents.bulk(permit, writes).await.unwrap();
    assert_eq!(report.done, 700);
    let refused: Vec<_> = report
        .refused
        .iter()
        .map(|one| (one.path.as_str(), one.why.kind()))
        .collect();
    assert_eq!(refused, [("trips/3", Kind::Conflict)]);
    assert_eq!(
        documents
            .count(&world.acme.ctx, &Query::of(of("trips")))
            .await
            .unwrap(),
        700
    );
    let last: Document<Trip> = documents.get(&world.acme.ctx, &path(5)).await.unwrap();
    assert_eq!(last.data.title, "last");
}
