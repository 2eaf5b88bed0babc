//! An emulator that stops, a line that stalls: bounded waits, the right errors, nothing half written, and on again where that is
//! promised.

use std::time::{Duration, Instant};

use tenancy_core::{DocumentLayout, Kind};
use tenancy_documents::{DocumentTransaction, Query, Write};
use tenancy_testkit::{CountingProxy, Firestore};
use tokio::time::timeout;

use crate::kit::{Trip, World, at, brief, of, titles, trip, world_at};

const SOON: Duration = Duration::from_secs(30);

async fn through(proxy: &CountingProxy) -> World {
    let url = format!("http://127.0.0.1:{}", proxy.port());
    world_at(&url, DocumentLayout::TenantRoot, brief()).await
}

#[tokio::test]
async fn a_killed_emulator_ends_a_transaction_and_a_listener_goes_on() {
    let firestore = Firestore::start().await.unwrap();
    let mut options = brief();
    options.listener_patience = Duration::from_secs(120);
    let world = world_at(&firestore.url(), DocumentLayout::TenantRoot, options).await;
    let (documents, acme) = (&world.documents, &world.acme);
    documents
        .create(&acme.permit, &at("trips/a"), &trip("a", 1))
        .await
        .unwrap();
    let mut listener = documents
        .listen::<Trip>(&acme.ctx, &Query::of(of("trips")))
        .unwrap();
    assert_eq!(titles(&listener.next().await.unwrap().unwrap().documents), ["a"]);
    let began = Instant::now();
    let killed = &firestore;
    let in_the_middle = |transaction: DocumentTransaction| async move {
        transaction.get::<Trip>(&at("trips/a")).await?;
        killed.kill().await.unwrap();
        transaction.write(Write::set(&at("trips/a"), &trip("half", 2))?)
    };
    let broken = documents.transaction(&acme.permit, in_the_middle).await;
    assert_eq!(broken.unwrap_err().kind(), Kind::Unavailable);
    assert!(began.elapsed() < SOON);
    let down = documents
        .get::<Trip>(&acme.ctx, &at("trips/a"))
        .await
        .unwrap_err();
    assert_eq!(down.kind(), Kind::Unavailable);
    firestore.restart().await.unwrap();
    // empty, as a killed emulator is: the whole state is told anew
    let again = timeout(SOON, listener.next())
        .await
        .expect("it does not come back")
        .unwrap()
        .unwrap();
    assert!(again.documents.is_empty());
    documents
        .create(&acme.permit, &at("trips/b"), &trip("b", 1))
        .await
        .unwrap();
    let next = timeout(SOON, listener.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(titles(&next.documents), ["b"]);
}

#[tokio::test]
async fn a_line_that_hangs_is_left_in_time() {
    let firestore = Firestore::shared().await.unwrap();
    let proxy = CountingProxy::start(firestore.port()).await.unwrap();
    let world = through(&proxy).await;
    let (documents, acme) = (&world.documents, &world.acme);
    documents
        .create(&acme.permit, &at("trips/a"), &trip("a", 1))
        .await
        .unwrap();
    let mut listener = documents
        .listen::<Trip>(&acme.ctx, &Query::of(of("trips")))
        .unwrap();
    listener.next().await.unwrap().unwrap();
    let mut unheard = documents
        .listen::<Trip>(&acme.ctx, &Query::of(of("trips")))
        .unwrap();
    proxy.silence();
    let began = Instant::now();
    let get = documents
        .get::<Trip>(&acme.ctx, &at("trips/a"))
        .await
        .unwrap_err();
    let write = documents
        .write(&acme.permit, Write::delete(&at("trips/a")))
        .await
        .unwrap_err();
    assert_eq!((get.kind(), write.kind()), (Kind::Unavailable, Kind::Unavailable));
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    // a listener that never had a state gives up after its patience, and an attempt's time beside that
    let end = timeout(SOON, unheard.next()).await.expect("it waits for ever");
    assert_eq!(end.unwrap().unwrap_err().kind(), Kind::Unavailable);
    proxy.restore();
    let mut soon = Duration::ZERO;
    while documents.count(&acme.ctx, &Query::of(of("trips"))).await.is_err() {
        soon += Duration::from_secs(3);
        assert!(soon < SOON, "it does not recover");
    }
}

#[tokio::test]
async fn a_line_that_breaks_anywhere_leaves_no_half_of_a_batch() {
    let firestore = Firestore::shared().await.unwrap();
    let proxy = CountingProxy::start(firestore.port()).await.unwrap();
    let world = through(&proxy).await;
    let (documents, acme) = (&world.documents, &world.acme);
    let mut broke = 0;
    for (n, bytes) in [1, 30, 90, 150, 250, 400, 700, 1100, 1700, 4000]
        .into_iter()
        .enumerate()
    {
        let collection = format!("round{n}");
        let path = |id: u32| at(&format!("{collection}/{id}"));
        let writes = (0..20).map(|id| Write::create(&path(id), &trip("half or whole", id)).unwrap());
        proxy.break_one_after(bytes);
        let batch = timeout(SOON, documents.batch(&acme.permit, writes.collect()))
            .await
            .expect("no end");
        if let Err(error) = &batch {
            assert_eq!(error.kind(), Kind::Unavailable, "after {bytes} bytes");
            broke += 1;
        }
        let count = documents
            .count(&acme.ctx, &Query::of(of(&collection)))
            .await
            .unwrap();
        assert!(
            count == 20 || (count == 0 && batch.is_err()),
            "{count} after {bytes} bytes"
        );
    }
    assert!(broke > 3, "the line broke {broke} times only");
}

#[tokio::test]
async fn a_listener_outlives_a_broken_line() {
    let firestore = Firestore::shared().await.unwrap();
    let proxy = CountingProxy::start(firestore.port()).await.unwrap();
    let world = through(&proxy).await;
    let (documents, acme) = (&world.documents, &world.acme);
    let mut listener = documents
        .listen::<Trip>(&acme.ctx, &Query::of(of("trips")))
        .unwrap();
    assert!(listener.next().await.unwrap().unwrap().documents.is_empty());
    for n in 1..=3_usize {
        proxy.cut();
        proxy.restore();
        let path = at(&format!("trips/{n}"));
        while documents
            .write(&acme.permit, Write::set(&path, &trip("x", 1)).unwrap())
            .await
            .is_err()
        {}
        loop {
            let next = timeout(SOON, listener.next())
                .await
                .expect("it does not come back");
            if next.unwrap().unwrap().documents.len() == n {
                break;
            }
        }
    }
}
