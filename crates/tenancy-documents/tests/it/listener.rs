//! Listening: states, resets, and the end of it when the tenant's place or the member's role is another.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use tenancy_core::{
    Deployment, Directory, DocumentLayout, Epoch, Hints, HostPolicy, Kind, RequestId, Resolver, Result, Role,
    StaticMember, StaticMemberships, TenantContext, TenantKey, TenantRecord, TenantStatus, UserId,
};
use tenancy_documents::{Direction, Listener, Query, Snapshot, Write};
use tenancy_testkit::signed_in;
use tokio::time::timeout;

use crate::kit::{LAYOUTS, Trip, at, of, titles, trip, world};

const SOON: Duration = Duration::from_secs(20);

/// The next state, or the end, soon.
async fn next(listener: &mut Listener<Trip>) -> Option<Result<Snapshot<Trip>>> {
    timeout(SOON, listener.next())
        .await
        .expect("the listener says nothing")
}

async fn state(listener: &mut Listener<Trip>, expect: &[&str]) {
    // changes that follow each other quickly may be one state or several
    for _ in 0..5 {
        let snapshot = next(listener).await.unwrap().unwrap();
        if titles(&snapshot.documents) == expect {
            return;
        }
    }
    panic!("the state never was {expect:?}");
}

#[tokio::test]
async fn each_change_is_a_state() {
    for layout in LAYOUTS {
        let world = world(layout).await;
        let (documents, acme) = (&world.documents, &world.acme);
        let mut listener = documents
            .listen::<Trip>(&acme.ctx, &Query::of(of("trips")))
            .unwrap();
        state(&mut listener, &[]).await;
        documents
            .create(&acme.permit, &at("trips/a"), &trip("a", 1))
            .await
            .unwrap();
        state(&mut listener, &["a"]).await;
        documents
            .create(&acme.permit, &at("trips/b"), &trip("b", 1))
            .await
            .unwrap();
        state(&mut listener, &["a", "b"]).await;
        documents
            .write(&acme.permit, Write::set(&at("trips/a"), &trip("a2", 1)).unwrap())
            .await
            .unwrap();
        state(&mut listener, &["a2", "b"]).await;
        documents
            .write(&acme.permit, Write::delete(&at("trips/a")))
            .await
            .unwrap();
        state(&mut listener, &["b"]).await;
        // elsewhere: no state
        documents
            .create(&acme.permit, &at("hotels/h"), &trip("h", 1))
            .await
            .unwrap();
        assert!(
            timeout(Duration::from_millis(300), listener.next())
                .await
                .is_err(),
            "{layout:?}"
        );
        // and what was given up by the caller goes on
        documents
            .create(&acme.permit, &at("trips/c"), &trip("c", 1))
            .await
            .unwrap();
        state(&mut listener, &["b", "c"]).await;
    }
}

#[tokio::test]
async fn a_limit_keeps_the_first_of_the_order() {
    let world = world(DocumentLayout::TenantRoot).await;
    let (documents, acme) = (&world.documents, &world.acme);
    let longest = Query::of(of("trips"))
        .order("days".parse().unwrap(), Direction::Descending)
        .limit(1);
    let mut listener = documents.listen::<Trip>(&acme.ctx, &longest).unwrap();
    for (id, days, expect) in [("a", 3, "a"), ("c", 9, "c")] {
        documents
            .create(&acme.permit, &at(&format!("trips/{id}")), &trip(id, days))
            .await
            .unwrap();
        state(&mut listener, &[expect]).await;
    }
}

/// A directory whose record changes.
struct Changing(Mutex<Option<TenantRecord>>);

#[async_trait]
impl Directory for Changing {
    async fn lookup(&self, _: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        Ok(self.0.lock().clone().map(Arc::new))
    }
}

async fn context(directory: Arc<Changing>, record: &TenantRecord) -> TenantContext {
    let member = StaticMember {
        tenant: record.id,
        pool: record.identity_tenant.clone(),
        subject: "ada".parse().unwrap(),
        user: UserId::new(),
        role: Role::Member.into(),
    };
    let members = Arc::new(StaticMemberships::new([member]));
    let resolver = Resolver::new(directory, members, Deployment::Shared, HostPolicy::default());
    let (identity, hints) = (signed_in(record, "ada".parse().unwrap()), Hints::default());
    resolver
        .resolve(&identity.into(), &hints, RequestId::new(), None)
        .await
        .unwrap()
}

async fn check_end(change: impl FnOnce(&mut Option<TenantRecord>), expect: Kind) {
    let world = world(DocumentLayout::TenantRoot).await;
    let (documents, acme) = (&world.documents, &world.acme);
    let directory = Arc::new(Changing(Mutex::new(Some(acme.record.clone()))));
    let ctx = context(Arc::clone(&directory), &acme.record).await;
    let mut listener = documents.listen::<Trip>(&ctx, &Query::of(of("trips"))).unwrap();
    let mut slow = documents.listen::<Trip>(&ctx, &Query::of(of("trips"))).unwrap();
    state(&mut listener, &[]).await;
    state(&mut slow, &[]).await;
    change(&mut directory.0.lock());
    let end = timeout(Duration::from_secs(5), listener.next())
        .await
        .expect("it goes on");
    assert_eq!(end.unwrap().unwrap_err().kind(), expect);
    assert!(next(&mut listener).await.is_none(), "an end is one");
    // nobody asked the other one meanwhile: what happened since is not told
    documents
        .create(&acme.permit, &at("trips/a"), &trip("a", 1))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(next(&mut slow).await.unwrap().unwrap_err().kind(), expect);
}

#[tokio::test]
async fn a_suspended_tenant_hears_nothing_more() {
    check_end(
        |record| record.as_mut().unwrap().status = TenantStatus::Suspended,
        Kind::Suspended,
    )
    .await;
}

#[tokio::test]
async fn a_moved_tenant_hears_nothing_from_where_it_was() {
    check_end(
        |record| record.as_mut().unwrap().placement.epoch = Epoch(1),
        Kind::Moving,
    )
    .await;
}

#[tokio::test]
async fn a_deleted_tenant_hears_nothing_more() {
    check_end(|record| *record = None, Kind::NotFound).await;
}
