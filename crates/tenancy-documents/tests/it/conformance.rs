//! The same answers, whatever the layout.

use tenancy_core::{DocumentLayout, Kind};
use tenancy_documents::{Cursor, Document, Number, Query, Write};

use crate::kit::{LAYOUTS, Trip, World, at, of, titles, trip, world};

#[tokio::test]
async fn every_operation_on_every_layout() {
    for layout in LAYOUTS {
        let world = world(layout).await;
        documents(&world).await;
        nested(&world, layout).await;
        aggregates(&world).await;
    }
}

async fn documents(World { documents, acme, .. }: &World) {
    let lisbon = at("trips/lisbon");
    let made = documents
        .create(&acme.permit, &lisbon, &trip("Lisbon", 4))
        .await
        .unwrap();
    let read: Document<Trip> = documents.get(&acme.ctx, &lisbon).await.unwrap();
    assert_eq!(
        (read.data, read.version, read.path.id().as_str()),
        (trip("Lisbon", 4), made, "lisbon")
    );
    let again = documents
        .create(&acme.permit, &lisbon, &trip("Lisbon", 5))
        .await
        .unwrap_err();
    assert_eq!(again.kind(), Kind::Conflict);
    documents
        .write(
            &acme.permit,
            Write::set(&at("trips/oslo"), &trip("Oslo", 9)).unwrap(),
        )
        .await
        .unwrap();
    let both: Vec<Option<Document<Trip>>> = documents
        .get_all(
            &acme.ctx,
            &[at("trips/oslo"), at("trips/none"), lisbon.clone()],
            None,
        )
        .await
        .unwrap();
    let both: Vec<_> = both
        .iter()
        .map(|found| found.as_ref().map(|found| found.data.days))
        .collect();
    assert_eq!(both, [Some(9), None, Some(4)]);
    let all: Vec<Document<Trip>> = documents.query(&acme.ctx, &Query::of(of("trips"))).await.unwrap();
    assert_eq!(titles(&all), ["Lisbon", "Oslo"]);
    documents
        .write(&acme.permit, Write::delete(&lisbon))
        .await
        .unwrap();
    documents
        .write(&acme.permit, Write::delete(&lisbon))
        .await
        .unwrap();
    let gone = documents.get::<Trip>(&acme.ctx, &lisbon).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
}

async fn nested(World { documents, acme, .. }: &World, layout: DocumentLayout) {
    for path in ["trips/oslo/days/1", "trips/oslo/days/2", "trips/rome/days/1"] {
        documents
            .create(&acme.permit, &at(path), &trip(path, 1))
            .await
            .unwrap();
    }
    let days: Vec<Document<Trip>> = documents
        .query(&acme.ctx, &Query::of(of("trips/oslo/days")))
        .await
        .unwrap();
    let paths: Vec<_> = days.iter().map(|day| day.path.as_str()).collect();
    assert_eq!(paths, ["trips/oslo/days/1", "trips/oslo/days/2"]);
    let group = Query::group("days".parse().unwrap());
    let all = documents.query::<Trip>(&acme.ctx, &group).await;
    match layout {
        DocumentLayout::CollectionRoot => assert_eq!(all.unwrap_err().kind(), Kind::Internal),
        _ => assert_eq!(
            titles(&all.unwrap()),
            ["trips/oslo/days/1", "trips/oslo/days/2", "trips/rome/days/1"]
        ),
    }
    let after = Query::of(of("trips/oslo/days")).start_after(Cursor::at(at("trips/oslo/days/1")));
    let rest: Vec<Document<Trip>> = documents.query(&acme.ctx, &after).await.unwrap();
    assert_eq!(titles(&rest), ["trips/oslo/days/2"]);
}

async fn aggregates(World { documents, acme, .. }: &World) {
    for n in 0..7_u32 {
        documents
            .create(&acme.permit, &at(&format!("costs/{n}")), &trip("cost", n))
            .await
            .unwrap();
    }
    let costs = Query::of(of("costs")).limit(2);
    assert_eq!(
        documents.count(&acme.ctx, &costs).await.unwrap(),
        7,
        "whatever the limit"
    );
    let sum = documents
        .sum(&acme.ctx, &costs, &"days".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(sum, Number::Integer(21));
    assert_eq!(
        documents
            .count(&acme.ctx, &Query::of(of("nothing")))
            .await
            .unwrap(),
        0
    );
}
