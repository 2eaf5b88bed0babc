//! The count of what a tenant stored, in its database, and what its object store lists.

use std::time::Duration;

use tenancy_core::{Kind, QuotaLedger, QuotaUsage, StoreName};
use tenancy_sql::SqlQuotaLedger;
use tenancy_storage::{ObjectHandle, ObjectStores, PutMode};

use crate::harness::{Cell, Schema, permit};

async fn put(store: &ObjectHandle, cell: &Cell, name: &str, bytes: usize) {
    let (permit, key) = (permit(&cell.own), name.parse().unwrap());
    let put = store.put(&permit, &key, vec![0; bytes].into(), PutMode::Create);
    put.await.unwrap();
}

#[tokio::test]
async fn a_listing_corrects_the_ledger_after_crashes() {
    let cell = Cell::new(Schema::CORE).await;
    let ledger = SqlQuotaLedger::new(cell.handle.clone());
    let folder = tempfile::tempdir().unwrap();
    let uploads: StoreName = "uploads".parse().unwrap();
    let store = ObjectStores::local(folder.path())
        .unwrap()
        .handle(uploads.clone());
    let others = ledger.usage(&cell.other).await.unwrap();

    // stored, and the writer died before it said so; and the seed's three bytes, which are in no store
    put(&store, &cell, "photos/a", 100).await;
    let hold = Duration::from_secs(60);
    ledger.reserve(&cell.own, &uploads, 100, hold).await.unwrap();
    assert_eq!(
        ledger.usage(&cell.own).await.unwrap(),
        QuotaUsage {
            used: 3,
            reserved: 100
        }
    );
    let report = store.reconcile(&permit(&cell.own), &ledger).await.unwrap();
    assert_eq!(report.total.bytes, 100);
    // what is reserved still may be settled, and stays until its time is over
    assert_eq!(
        ledger.usage(&cell.own).await.unwrap(),
        QuotaUsage {
            used: 100,
            reserved: 100
        }
    );

    // settled and deleted, and nobody said so
    let settled = ledger.reserve(&cell.own, &uploads, 50, hold).await.unwrap();
    ledger.settle(&cell.own, settled, 50).await.unwrap();
    store
        .delete(&permit(&cell.own), &"photos/a".parse().unwrap())
        .await
        .unwrap();
    store.reconcile(&permit(&cell.own), &ledger).await.unwrap();
    assert_eq!(ledger.usage(&cell.own).await.unwrap().used, 0);
    assert_eq!(ledger.usage(&cell.other).await.unwrap(), others);
}

#[tokio::test]
async fn what_was_not_listed_corrects_nothing() {
    let cell = Cell::new(Schema::CORE).await;
    let ledger = SqlQuotaLedger::new(cell.handle.clone());
    let folder = tempfile::tempdir().unwrap();
    let store = ObjectStores::local(folder.path())
        .unwrap()
        .handle("exports".parse().unwrap());
    // the placement has no such store: nothing is listed, so nothing is said to the ledger
    let error = store.reconcile(&permit(&cell.own), &ledger).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotEntitled);
    assert_eq!(ledger.usage(&cell.own).await.unwrap().used, 3);
}
