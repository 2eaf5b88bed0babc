//! Reads and writes that happen at once, or not at all.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::join_all;
use tenancy_core::{DocumentLayout, Error, Kind, Result};
use tenancy_documents::{Document, DocumentTransaction, Query, Write};

use crate::kit::{Trip, at, of, trip, world};

async fn one_more(transaction: DocumentTransaction) -> Result<u32> {
    let mut now: Trip = transaction.get(&at("trips/a")).await?.data;
    now.days += 1;
    transaction.write(Write::set(&at("trips/a"), &now)?)?;
    Ok(now.days)
}

#[tokio::test]
async fn what_several_add_is_all_there() {
    let world = world(DocumentLayout::TenantRoot).await;
    let (documents, permit) = (&world.documents, &world.acme.permit);
    documents
        .create(permit, &at("trips/a"), &trip("a", 0))
        .await
        .unwrap();
    let add = || {
        documents.transaction(permit, |transaction: DocumentTransaction| async move {
            one_more(transaction).await
        })
    };
    let mut added: Vec<u32> = join_all((0..4).map(|_| add()))
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    added.sort_unstable();
    assert_eq!(added, [1, 2, 3, 4]);
    let read: Document<Trip> = documents.get(&world.acme.ctx, &at("trips/a")).await.unwrap();
    assert_eq!(read.data.days, 4);
}

#[tokio::test]
async fn what_fails_leaves_nothing() {
    let world = world(DocumentLayout::CollectionRoot).await;
    let (documents, permit) = (&world.documents, &world.acme.permit);
    documents
        .create(permit, &at("trips/a"), &trip("a", 0))
        .await
        .unwrap();
    let runs = &AtomicU32::new(0);
    let change_of_mind = |transaction: DocumentTransaction| async move {
        runs.fetch_add(1, Ordering::Relaxed);
        one_more(transaction).await?;
        Err(Error::conflict("the service changed its mind"))
    };
    let failed: Result<()> = documents.transaction(permit, change_of_mind).await;
    assert_eq!(
        (failed.unwrap_err().kind(), runs.load(Ordering::Relaxed)),
        (Kind::Conflict, 1)
    );
    let read: Document<Trip> = documents.get(&world.acme.ctx, &at("trips/a")).await.unwrap();
    assert_eq!(read.data.days, 0);
    // and it holds no lock
    documents
        .write(permit, Write::set(&at("trips/a"), &trip("a", 8)).unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_transaction_reads_before_it_writes() {
    let world = world(DocumentLayout::Dedicated).await;
    let read_late = |transaction: DocumentTransaction| async move {
        let known: Vec<Document<Trip>> = transaction.query(&Query::of(of("trips"))).await?;
        assert!(known.is_empty());
        transaction.write(Write::delete(&at("trips/a")))?;
        transaction.find::<Trip>(&at("trips/a")).await.map(drop)
    };
    let late = world.documents.transaction(&world.acme.permit, read_late).await;
    assert_eq!(late.unwrap_err().kind(), Kind::Internal);
}

#[tokio::test]
async fn a_handler_on_many_threads_may_have_one() {
    let world = world(DocumentLayout::TenantRoot).await;
    let (documents, permit) = (world.documents.clone(), world.acme.permit);
    let path = at("trips/a");
    let handler = async move {
        let path = &path;
        let put = |transaction: DocumentTransaction| async move {
            let found = transaction.find::<Trip>(path).await?;
            transaction.write(Write::set(path, &trip("a", 1))?)?;
            Ok(found.is_some())
        };
        documents.transaction(&permit, put).await
    };
    assert!(!tokio::spawn(handler).await.unwrap().unwrap());
}
