//! Filters, orders, cursors, masks.

use serde::{Deserialize, Serialize};
use tenancy_core::{DocumentLayout, Kind};
use tenancy_documents::{Cursor, Direction, Document, FieldPath, Filter, Query, Write};

use crate::kit::{Trip, World, at, of, titles, trip, world};

fn field(name: &str) -> FieldPath {
    name.parse().unwrap()
}

async fn seeded() -> World {
    let world = world(DocumentLayout::TenantRoot).await;
    let seeds = [("a", 3), ("b", 1), ("c", 2), ("d", 2), ("e", 5)];
    let writes = seeds.map(|(id, days)| Write::create(&at(&format!("trips/{id}")), &trip(id, days)).unwrap());
    world
        .documents
        .batch(&world.acme.permit, writes.into())
        .await
        .unwrap();
    world
}

async fn check(world: &World, query: Query, expect: &[&str]) {
    let found: Vec<Document<Trip>> = world.documents.query(&world.acme.ctx, &query).await.unwrap();
    assert_eq!(titles(&found), expect, "{query:?}");
}

#[tokio::test]
async fn filters() {
    let world = seeded().await;
    let days = field("days");
    let only = |filter| Query::of(of("trips")).filter(filter);
    check(&world, only(Filter::equal(&days, &2).unwrap()), &["c", "d"]).await;
    check(
        &world,
        only(Filter::not_equal(&days, &2).unwrap()),
        &["b", "a", "e"],
    )
    .await;
    check(&world, only(Filter::less(&days, &2).unwrap()), &["b"]).await;
    check(
        &world,
        only(Filter::at_most(&days, &2).unwrap()),
        &["b", "c", "d"],
    )
    .await;
    check(&world, only(Filter::greater(&days, &2).unwrap()), &["a", "e"]).await;
    check(&world, only(Filter::at_least(&days, &3).unwrap()), &["a", "e"]).await;
    check(&world, only(Filter::one_of(&days, &[1, 5]).unwrap()), &["b", "e"]).await;
    check(
        &world,
        only(Filter::none_of(&days, &[1, 2]).unwrap()),
        &["a", "e"],
    )
    .await;
    check(&world, only(Filter::is_null(&days)), &[]).await;
    let either = Filter::any([
        Filter::equal(&days, &1).unwrap(),
        Filter::equal(&field("title"), &"e").unwrap(),
    ]);
    check(&world, only(either), &["b", "e"]).await;
    let both = only(Filter::equal(&days, &2).unwrap()).filter(Filter::equal(&field("title"), &"d").unwrap());
    check(&world, both, &["d"]).await;
    // what looks like a query in a value is a value
    check(
        &world,
        only(Filter::equal(&field("title"), &"a' OR '1'='1").unwrap()),
        &[],
    )
    .await;
}

#[tokio::test]
async fn pages_in_an_order() {
    let world = seeded().await;
    let longest = || {
        Query::of(of("trips"))
            .order(field("days"), Direction::Descending)
            .limit(2)
    };
    let behind = |days: u32, id: &str| {
        Cursor::default()
            .value(&days)
            .unwrap()
            .document(at(&format!("trips/{id}")))
    };
    check(&world, longest(), &["e", "a"]).await;
    check(&world, longest().start_after(behind(3, "a")), &["d", "c"]).await;
    check(&world, longest().start_after(behind(2, "d")), &["c", "b"]).await;
    check(&world, longest().start_at(behind(2, "c")), &["c", "b"]).await;
    let to_two = longest().end_before(Cursor::default().value(&2).unwrap());
    check(&world, to_two, &["e", "a"]).await;
    let wrong = longest().start_after(Cursor::at(at("trips/a")));
    let refused = world
        .documents
        .query::<Trip>(&world.acme.ctx, &wrong)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Internal);
}

#[tokio::test]
async fn only_some_fields() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Title {
        title: String,
        days: Option<u32>,
    }
    let world = seeded().await;
    let query = Query::of(of("trips")).select([field("title")]).limit(1);
    let found: Vec<Document<Title>> = world.documents.query(&world.acme.ctx, &query).await.unwrap();
    assert_eq!((found[0].data.title.as_str(), found[0].data.days), ("a", None));
    let fields = [field("title")];
    let got: Vec<Option<Document<Title>>> = world
        .documents
        .get_all(&world.acme.ctx, &[at("trips/e")], Some(&fields))
        .await
        .unwrap();
    assert_eq!(got[0].as_ref().unwrap().data.days, None);
    let mistyped = world
        .documents
        .query::<Vec<u8>>(&world.acme.ctx, &query)
        .await
        .unwrap_err();
    assert_eq!(mistyped.kind(), Kind::Internal);
}
