//! What the table of bad input gets: a typed error before anything is sent.

use tenancy_core::{DocumentLayout, Kind};
use tenancy_documents::{CollectionId, DocumentId, DocumentPath, DocumentStores, Query};

use crate::kit::{Trip, at, of, trip, world};

#[test]
fn hostile_names_are_no_names() {
    let long = "a".repeat(2048);
    for text in [
        "../",
        "..",
        ".",
        "%2e%2e",
        "\\",
        "",
        &long,
        "a\0b",
        "\u{ff0e}\u{ff0e}",
        "a\u{202e}b",
        "a\u{200f}b",
        "a ",
        "a/b",
        "__x__",
        "__name__",
        "a%2fb",
        "a\nb",
    ] {
        assert!(text.parse::<DocumentId>().is_err(), "{text:?}");
        assert!(text.parse::<CollectionId>().is_err(), "{text:?}");
        assert!(
            format!("trips/{text}").parse::<DocumentPath>().is_err() || text == "a/b",
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn another_tenants_id_as_a_first_segment_is_a_word() {
    let world = world(DocumentLayout::TenantRoot).await;
    let id = world.globex.record.id;
    world
        .documents
        .create(&world.globex.permit, &at("trips/a"), &trip("globex", 1))
        .await
        .unwrap();
    // an id begins with a digit or a letter; as a collection it may be no name at all
    let path = format!("t-{id}/trips").parse::<DocumentPath>().unwrap();
    world
        .documents
        .create(&world.acme.permit, &path, &trip("acme", 1))
        .await
        .unwrap();
    assert_eq!(
        world
            .documents
            .count(&world.globex.ctx, &Query::of(of("trips")))
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn too_much_is_refused_before_it_is_sent() {
    let world = world(DocumentLayout::TenantRoot).await;
    let huge = trip(&"x".repeat(1024 * 1024), 1);
    let error = world
        .documents
        .create(&world.acme.permit, &at("trips/a"), &huge)
        .await
        .unwrap_err();
    assert_eq!(error.problem().status(), 413);
    let paths: Vec<_> = (0..501).map(|n| at(&format!("trips/{n}"))).collect();
    let error = world
        .documents
        .get_all::<Trip>(&world.acme.ctx, &paths, None)
        .await
        .unwrap_err();
    assert_eq!(error.problem().status(), 413);
    let error = world
        .documents
        .create(&world.acme.permit, &at("trips/a"), &7)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Internal, "a number has no fields");
}

#[tokio::test]
async fn a_project_that_is_not_the_deployments_is_not_served() {
    let world = world(DocumentLayout::TenantRoot).await;
    let stores = DocumentStores::new([], Default::default());
    let documents = stores.handle("live".parse().unwrap());
    let error = documents
        .count(&world.acme.ctx, &Query::of(of("trips")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}
