//! Two tenants: own, other, none. By guessing ids, lists, queries, groups, listeners, batches, bulk, transactions.

use firestore::FirestoreReference;
use serde::Serialize;
use tenancy_core::{DocumentLayout, Kind};
use tenancy_documents::{
    CollectionId, CollectionPath, Cursor, Document, DocumentPath, DocumentTransaction, Filter, Query, Write,
};

use crate::kit::{LAYOUTS, Side, Trip, World, at, of, titles, trip, world};

/// Each tenant has a trip `a` and one of its own, and days below them.
async fn seeded(layout: DocumentLayout) -> World {
    let world = world(layout).await;
    for (side, own) in [(&world.acme, "acme"), (&world.globex, "globex")] {
        for path in [
            "trips/a".to_owned(),
            format!("trips/{own}"),
            format!("trips/{own}/days/1"),
        ] {
            let data = trip(own, 1);
            world
                .documents
                .create(&side.permit, &at(&path), &data)
                .await
                .unwrap();
        }
    }
    world
}

/// What another tenant's documents might be called from within one's own.
fn guesses(other: &Side) -> Vec<DocumentPath> {
    let id = other.record.id;
    [
        "trips/globex".to_owned(),
        "trips/globex/days/1".to_owned(),
        format!("tenants/{id}/trips/globex"),
        format!("tenants/{id}"),
        format!("trips/{id}/documents/globex"),
        format!("trips/{id}"),
        "globex-firestore/documents/trips/globex".to_owned(),
        format!("projects/demo/databases/default/documents/tenants/{id}/trips"),
    ]
    .iter()
    .filter_map(|text| text.parse().ok())
    .collect()
}

#[tokio::test]
async fn guessing_ids_finds_nothing() {
    for layout in LAYOUTS {
        let World {
            documents,
            acme,
            globex,
        } = seeded(layout).await;
        let own: Document<Trip> = documents.get(&acme.ctx, &at("trips/a")).await.unwrap();
        assert_eq!(own.data.title, "acme");
        for path in guesses(&globex) {
            let other = documents.get::<Trip>(&acme.ctx, &path).await.unwrap_err();
            let none = documents
                .get::<Trip>(&acme.ctx, &at("trips/none"))
                .await
                .unwrap_err();
            let said =
                |error: &tenancy_core::Error| (error.kind(), serde_json::to_string(error.problem()).unwrap());
            assert_eq!(said(&other), said(&none), "{layout:?} {path}");
        }
        let theirs: Document<Trip> = documents.get(&globex.ctx, &at("trips/a")).await.unwrap();
        assert_eq!(theirs.data.title, "globex");
    }
}

#[tokio::test]
async fn lists_queries_groups_and_sums_are_of_one_tenant() {
    for layout in LAYOUTS {
        let World {
            documents,
            acme,
            globex,
        } = seeded(layout).await;
        let title = "title".parse().unwrap();
        let theirs = Filter::equal(&title, &"globex").unwrap();
        let trips = || Query::of(of("trips"));
        let find = |query| {
            let (documents, ctx) = (&documents, &acme.ctx);
            async move { documents.query::<Trip>(ctx, &query).await }
        };
        assert_eq!(titles(&find(trips()).await.unwrap()), ["acme", "acme"]);
        assert!(find(trips().filter(theirs.clone())).await.unwrap().is_empty());
        assert!(find(Query::of(of("trips/globex/days"))).await.unwrap().is_empty());
        let collections = guesses(&globex)
            .into_iter()
            .map(|path| path.collection(&"trips".parse().unwrap()).unwrap());
        for collection in collections {
            assert!(find(Query::of(collection)).await.unwrap().is_empty());
        }
        for group in ["days", "trips", "documents", "tenants"] {
            let group = Query::group(group.parse::<CollectionId>().unwrap());
            if layout != DocumentLayout::CollectionRoot {
                assert!(
                    find(group.clone())
                        .await
                        .unwrap()
                        .iter()
                        .all(|found| found.data.title == "acme")
                );
                assert_eq!(
                    documents
                        .count(&acme.ctx, &group.filter(theirs.clone()))
                        .await
                        .unwrap(),
                    0
                );
            }
        }
        assert_eq!(documents.count(&acme.ctx, &trips()).await.unwrap(), 2);
        // a cursor at what another tenant has is a place in one's own order
        let beyond = trips().start_at(Cursor::at(at("trips/globex")));
        assert!(find(beyond).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn writes_of_any_kind_stay_at_home() {
    for layout in LAYOUTS {
        let World {
            documents,
            acme,
            globex,
        } = seeded(layout).await;
        let mut writes = Vec::new();
        for path in guesses(&globex) {
            writes.push(Write::set(&path, &trip("taken", 9)).unwrap());
        }
        documents.batch(&acme.permit, writes.clone()).await.unwrap();
        documents.bulk(&acme.permit, writes.clone()).await.unwrap();
        let writes = &writes;
        let take = |transaction: DocumentTransaction| async move {
            let own = transaction.find::<Trip>(&at("trips/a")).await?;
            assert!(own.is_some_and(|own| own.data.title == "acme"));
            writes
                .iter()
                .cloned()
                .try_for_each(|write| transaction.write(write))
        };
        let taken = documents.transaction(&acme.permit, take).await;
        taken.unwrap();
        for path in guesses(&globex)
            .into_iter()
            .chain([at("trips/a"), at("trips/globex")])
        {
            documents.write(&acme.permit, Write::delete(&path)).await.unwrap();
        }
        let left: Vec<Document<Trip>> = documents
            .query(&globex.ctx, &Query::of(of("trips")))
            .await
            .unwrap();
        assert_eq!(titles(&left), ["globex", "globex"], "{layout:?}");
        let days: Vec<Document<Trip>> = documents
            .query(&globex.ctx, &Query::of(of("trips/globex/days")))
            .await
            .unwrap();
        assert_eq!(titles(&days), ["globex"]);
    }
}

#[tokio::test]
async fn a_listener_hears_of_one_tenant() {
    for layout in LAYOUTS {
        let World {
            documents,
            acme,
            globex,
        } = seeded(layout).await;
        let mut listener = documents
            .listen::<Trip>(&acme.ctx, &Query::of(of("trips")))
            .unwrap();
        let first = listener.next().await.unwrap().unwrap();
        assert_eq!(titles(&first.documents), ["acme", "acme"]);
        documents
            .create(&globex.permit, &at("trips/b"), &trip("globex", 2))
            .await
            .unwrap();
        documents
            .create(&acme.permit, &at("trips/b"), &trip("acme", 2))
            .await
            .unwrap();
        let next = listener.next().await.unwrap().unwrap();
        assert_eq!(titles(&next.documents), ["acme", "acme", "acme"], "{layout:?}");
    }
}

#[tokio::test]
async fn a_reference_to_another_tenant_does_not_leave() {
    #[derive(Serialize)]
    struct Link {
        to: FirestoreReference,
    }
    let World {
        documents,
        acme,
        globex,
    } = seeded(DocumentLayout::TenantRoot).await;
    let place = &acme.record.placement.documents[&"live".parse().unwrap()];
    let root = format!("projects/{}/databases/(default)/documents/tenants", place.project);
    let link = |id| Link {
        to: FirestoreReference(format!("{root}/{id}/trips/a")),
    };
    documents
        .create(&acme.permit, &at("links/own"), &link(acme.record.id))
        .await
        .unwrap();
    let other = documents
        .create(&acme.permit, &at("links/other"), &link(globex.record.id))
        .await
        .unwrap_err();
    assert_eq!(other.kind(), Kind::Internal);
    assert_eq!(
        documents.count(&acme.ctx, &Query::of(of("links"))).await.unwrap(),
        1
    );
}

#[tokio::test]
async fn a_store_or_a_tier_that_is_not_there() {
    let World { acme, documents, .. } = world(DocumentLayout::TenantRoot).await;
    let mut record = acme.record.clone();
    record.placement.documents.clear();
    let none = crate::kit::side(record).await;
    let path: CollectionPath = of("trips");
    assert_eq!(
        documents
            .count(&none.ctx, &Query::of(path))
            .await
            .unwrap_err()
            .kind(),
        Kind::NotEntitled
    );
    assert_eq!(
        documents.resolve(&none.ctx).unwrap_err().kind(),
        Kind::NotEntitled
    );
    assert!(documents.resolve(&acme.ctx).is_ok());
}
