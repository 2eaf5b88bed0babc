//! Indexes and constraints of a graph, versioned.

use tenancy_core::{GraphPlacement, Kind};
use tenancy_graph::{Cypher, GraphMigration, migrate};
use tenancy_testkit::Neo4j;

use crate::kit::{World, location, patient, raw, second};

const FIRST: GraphMigration = GraphMigration {
    version: 1,
    name: "sights",
    statements: &[
        "CREATE CONSTRAINT sight_id IF NOT EXISTS FOR (s:Sight) REQUIRE s.id IS UNIQUE",
        "CREATE FULLTEXT INDEX sight_title IF NOT EXISTS FOR (s:Sight) ON EACH [s.title]",
    ],
};
const SECOND: GraphMigration = GraphMigration {
    version: 2,
    name: "sights by town",
    statements: &["CREATE INDEX sight_town IF NOT EXISTS FOR (s:Sight) ON (s.town)"],
};

async fn indexes(server: &Neo4j) -> Vec<String> {
    let query = "SHOW INDEXES YIELD name, state WHERE name STARTS WITH 'sight' AND state = 'ONLINE' RETURN name ORDER BY name";
    let graph = raw(server);
    let mut rows = graph.execute(neo4rs::query(query)).await.unwrap();
    let mut names = Vec::new();
    while let Some(row) = rows.next().await.unwrap() {
        names.push(row.get("name").unwrap());
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_are_applied_once_whoever_runs_them() {
    let server = second().await;
    let world = World::new(&[("globex", server, server.port())], patient());
    let place = GraphPlacement {
        instance: location("globex"),
        database: None,
    };
    let apply = async |all: &[GraphMigration]| migrate(&world.stores, &place, all).await;
    let changed = GraphMigration {
        statements: &["CREATE CONSTRAINT sight_id IF NOT EXISTS FOR (s:Sight) REQUIRE s.name IS UNIQUE"],
        ..FIRST
    };
    let runs = futures::future::join_all([(); 4].map(|()| apply(&[FIRST]))).await;
    let mut taken: Vec<_> = runs.into_iter().map(Result::unwrap).collect();
    taken.sort_unstable();
    assert_eq!(taken, [0, 0, 0, 1], "of four runners one applied it");
    assert_eq!(indexes(server).await, ["sight_id", "sight_title"]);
    assert_eq!(apply(&[FIRST, SECOND]).await.unwrap(), 1);
    assert_eq!(apply(&[FIRST, SECOND]).await.unwrap(), 0);
    assert_eq!(indexes(server).await, ["sight_id", "sight_title", "sight_town"]);
    for wrong in [&[changed, SECOND][..], &[FIRST], &[SECOND, FIRST]] {
        assert_eq!(apply(wrong).await.unwrap_err().kind(), Kind::Internal);
    }

    let globex = world.owner("globex").await;
    let sight = || Cypher::new("CREATE (:Sight {id: 1, title: 'Pont du Gard'})");
    let mut tx = globex.graph.begin(&globex.permit).await.unwrap();
    tx.run(sight()).await.unwrap();
    assert_eq!(
        tx.run(sight()).await.unwrap_err().kind(),
        Kind::Conflict,
        "the constraint holds"
    );
}
