//! Shared cells: a new tenant goes where room is, and none is overfilled.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use tenancy_control::{Cell, NewTenant, Registry};
use tenancy_core::{DatabaseName, Epoch, Kind, Tier};

use crate::fixture::{Fixture, constraint, is, new_tenant};

fn cell(name: &str, capacity: i32, weight: i32) -> Cell {
    Cell {
        name: name.to_owned(),
        capacity,
        weight,
        closed: false,
    }
}

fn unplaced(slug: &str) -> NewTenant {
    let mut new = new_tenant(slug, Tier::Free);
    new.placement.sql.clear();
    new
}

fn core() -> [DatabaseName; 1] {
    ["core".parse().unwrap()]
}

/// The place that a tenant is given.
async fn place(registry: &Registry, slug: &str) -> String {
    let record = registry.create_in_cell(&unplaced(slug), &core()).await.unwrap();
    record.placement.sql[&core()[0]].to_string()
}

async fn counts(registry: &Registry) -> BTreeMap<String, i32> {
    let cells = registry.cells().await.unwrap().into_iter();
    cells.map(|(cell, tenants)| (cell.name, tenants)).collect()
}

#[tokio::test]
async fn a_tenant_goes_where_the_most_room_is() {
    let fixture = Fixture::new().await;
    let registry = &fixture.registry;
    for new in [cell("free-1", 3, 1), cell("free-2", 2, 1)] {
        registry.set_cell(&new).await.unwrap();
    }
    for (slug, expect) in [("aaa", 1), ("bbb", 1), ("ccc", 2), ("ddd", 1), ("eee", 2)] {
        assert_eq!(
            place(registry, slug).await,
            format!("cell-free-{expect}.core"),
            "{slug}"
        );
    }
    let full = registry.create_in_cell(&unplaced("fff"), &core()).await;
    assert_eq!(full.as_ref().unwrap_err().kind(), Kind::Unavailable);
    assert!(full.unwrap_err().log().unwrap().contains("no cell has room"));

    // a place in a heavy cell counts more, and a closed one gets nobody
    registry.set_cell(&cell("free-3", 2, 10)).await.unwrap();
    registry.set_cell(&cell("free-4", 9, 1)).await.unwrap();
    assert_eq!(place(registry, "ggg").await, "cell-free-3.core");
    let closed = Cell {
        closed: true,
        ..cell("free-3", 2, 10)
    };
    registry.set_cell(&closed).await.unwrap();
    assert_eq!(place(registry, "hhh").await, "cell-free-4.core");
}

#[tokio::test]
async fn registrations_at_once_fill_every_place_and_no_more() {
    let fixture = Fixture::new().await;
    let registry = &fixture.registry;
    for new in [cell("free-1", 5, 1), cell("free-2", 4, 1), cell("free-3", 1, 1)] {
        registry.set_cell(&new).await.unwrap();
    }
    let new: Vec<_> = (0..16).map(|n| unplaced(&format!("tenant-{n}"))).collect();
    let core = core();
    let made = join_all(new.iter().map(|new| registry.create_in_cell(new, &core))).await;
    let refused = made.iter().filter_map(|made| made.as_ref().err());
    let kinds: Vec<_> = refused.map(|error| error.kind()).collect();
    assert_eq!(kinds, [Kind::Unavailable; 6]);
    let expect = [("free-1", 5), ("free-2", 4), ("free-3", 1)];
    assert_eq!(
        counts(registry).await,
        expect.map(|(name, count)| (name.to_owned(), count)).into()
    );
    // what was made is answered again, though there is no room
    let (new, first) = new.iter().zip(&made).find(|(_, made)| made.is_ok()).unwrap();
    let again = registry.create_in_cell(new, &core).await.unwrap();
    assert_eq!(again.placement, first.as_ref().unwrap().placement);
}

#[tokio::test]
async fn the_database_counts_whatever_way_a_tenant_comes_and_goes() {
    let fixture = Fixture::new().await;
    let registry = &fixture.registry;
    let first = fixture.tenant("aaa", Tier::Free).await;
    registry.set_cell(&cell("free-1", 1, 1)).await.unwrap();
    registry.set_cell(&cell("free-2", 1, 1)).await.unwrap();
    assert_eq!(counts(registry).await["free-1"], 1, "it was there before");
    is(
        registry.create(&new_tenant("bbb", Tier::Free)).await,
        Kind::Conflict,
        "no room",
    );
    let mut owner = fixture.owner().await;
    let moved = format!(
        "UPDATE registry.tenants SET epoch = {}, sql = '{{\"core\": \"cell-free-2.core\", \"more\": \"cell-free-2.more\"}}' WHERE id = '{}'",
        Epoch(1),
        first.id
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(moved))
        .execute(&mut owner)
        .await
        .unwrap();
    let after = counts(registry).await;
    assert_eq!((after["free-1"], after["free-2"]), (0, 1));
    let less = "UPDATE registry.cells SET capacity = 0".to_owned();
    assert_eq!(constraint(&mut owner, less).await, "cell_full");

    let places = registry.sql_locations().await.unwrap();
    let expect = ["cell-free-2.core", "cell-free-2.more"].map(|place| place.parse().unwrap());
    assert_eq!(places, BTreeSet::from(expect));
}

#[tokio::test]
async fn a_cell_that_can_not_be_is_refused() {
    let registry = Fixture::new().await.registry;
    for (wrong, says) in [
        (cell("", 1, 1), "name"),
        (cell("Free", 1, 1), "name"),
        (cell("a.b", 1, 1), "name"),
        (cell("a", -1, 1), "capacity"),
        (cell("a", 1, 0), "weight"),
    ] {
        let error = registry.set_cell(&wrong).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{wrong:?}");
        assert!(format!("{:?}", error.problem()).contains(says), "{error:?}");
    }
}
