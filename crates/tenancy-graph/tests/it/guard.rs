//! What is refused is refused before it is sent, in reads and in transactions; and what the text can't hide, the server refuses too.

use tenancy_core::Kind;
use tenancy_graph::{Cypher, CypherError, Label};

use crate::kit::{World, body, unique};

fn refusal(error: &tenancy_core::Error) -> Option<&CypherError> {
    std::error::Error::source(error)?.downcast_ref()
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_are_refused_in_reads_and_in_transactions() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let attacks: [fn() -> Cypher; 8] = [
        || "LOAD CSV FROM 'http://127.0.0.1/' AS r RETURN r".into(),
        || "MATCH (n) RETURN n; MATCH (m) DETACH DELETE m".into(),
        || "USE other MATCH (n) RETURN n".into(),
        || "CALL dbms.listConfig() YIELD name RETURN name".into(),
        || "CALL apoc.load.json($u) YIELD value RETURN value".into(),
        || "SHOW DATABASES".into(),
        || "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS".into(),
        || Cypher::new("RETURN $a").param("a", 1).param("a", 2),
    ];
    for attack in attacks {
        let read = acme
            .graph
            .read(&acme.ctx)
            .await
            .unwrap()
            .all::<i64>(attack(), 1)
            .await
            .unwrap_err();
        let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
        let write = tx.run(attack()).await.unwrap_err();
        for error in [read, write] {
            assert_eq!(error.kind(), Kind::Internal, "{:?}", attack());
            assert!(refusal(&error).is_some(), "{:?}", attack());
            assert!(!body(&error).contains("MATCH"));
        }
        assert_eq!(
            tx.commit().await.unwrap_err().kind(),
            Kind::Internal,
            "what was refused commits nothing"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_in_a_read_is_refused_by_the_server() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let key = unique();
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    for text in [
        "CREATE (n:Guarded {key: $key}) RETURN 1 AS one",
        "MERGE (n:Guarded {key: $key}) RETURN 1 AS one",
        "CALL { CREATE (n:Guarded {key: $key}) RETURN n } RETURN 1 AS one",
        "CALL (*) { CREATE (n:Guarded {key: $key}) } RETURN 1 AS one",
    ] {
        let error = read
            .all::<i64>(Cypher::new(text).param("key", &key), 1)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Internal, "{text}");
        assert!(error.log().unwrap().contains("AccessMode"), "{text}: {error:?}");
    }
    let count = Cypher::new("MATCH (n:Guarded {key: $key}) RETURN count(n)").param("key", &key);
    assert_eq!(read.one::<i64>(count).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_names_and_values_are_values() {
    let world = World::shared().await;
    let acme = world.owner("acme").await;
    let kind: Label = format!("Kind{}", unique()).parse().unwrap();
    let evil = "x'}) DETACH DELETE n //` \\u0027 ; USE system";
    let mut tx = acme.graph.begin(&acme.permit).await.unwrap();
    let make = Cypher::new("CREATE (:")
        .name(&kind)
        .then(" {title: $title})")
        .param("title", evil);
    tx.run(make).await.unwrap();
    tx.commit().await.unwrap();
    let mut read = acme.graph.read(&acme.ctx).await.unwrap();
    let titles = Cypher::new("MATCH (n:").name(&kind).then(") RETURN n.title");
    assert_eq!(read.one::<String>(titles).await.unwrap(), evil);
}

/// What the guard is for: the server itself would do it.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_reads_escapes_before_it_reads_the_text() {
    let server = crate::kit::first().await;
    let graph = crate::kit::raw(server);
    // `\u0031` is 1, in the middle of the text
    let mut rows = graph
        .execute(neo4rs::query("RETURN \\u0031 AS one"))
        .await
        .unwrap();
    let row = rows.next().await.unwrap().unwrap();
    assert_eq!(row.get::<i64>("one").unwrap(), 1);
}
