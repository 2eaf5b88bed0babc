//! Many rows at once.

use serde::Serialize;
use tenancy_core::Kind;
use tenancy_graph::Cypher;

use crate::kit::{World, unique};

#[derive(Serialize)]
struct Stop {
    id: u32,
    title: String,
}

fn stops(count: u32) -> impl Iterator<Item = Stop> {
    (0..count).map(|id| Stop {
        id,
        title: format!("stop {id}"),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_go_in_chunks_and_all_or_none_stay() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let (trip, failed) = (unique(), unique());
    let load = |trip: &str| {
        Cypher::new("UNWIND $rows AS row CREATE (:Stop {trip: $trip, id: row.id, title: row.title})")
            .param("trip", trip)
    };
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    assert_eq!(tx.bulk(load(&trip), stops(2_500)).await.unwrap(), 2_500);
    assert_eq!(tx.bulk(load(&trip), stops(0)).await.unwrap(), 0);
    tx.commit().await.unwrap();

    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    tx.bulk(load(&failed), stops(1_500)).await.unwrap();
    let wrong = Cypher::new("UNWIND $rows AS row CREATE (:Stop {trip: row.title + 1 / (row.id - 1200)})");
    assert_eq!(
        tx.bulk(wrong, stops(1_500)).await.unwrap_err().kind(),
        Kind::Invalid
    );
    assert!(tx.commit().await.is_err());

    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    for (trip, expect) in [(trip, (2_500, 2_499)), (failed, (0, -1))] {
        let found: (i64, i64) = read
            .one(
                Cypher::new("MATCH (s:Stop {trip: $trip}) RETURN [count(s), coalesce(max(s.id), -1)]")
                    .param("trip", trip),
            )
            .await
            .unwrap();
        assert_eq!(found, expect);
    }
}
