//! Two tenants, two instances: own, another's, none.

use std::sync::Arc;

use tenancy_core::{
    Deployment, Epoch, Error, GraphPlacement, Hints, HostPolicy, Kind, RequestId, Resolver, Result,
    StaticMemberships, TenantRecord, TenantStatus, Tier, directory::StaticDirectory,
};
use tenancy_graph::{Cypher, GraphHandle, GraphTransaction};
use tenancy_testkit::{signed_in, tenant};

use crate::kit::{Member, World, body, first, patient, second, unique};

async fn both() -> World {
    let (one, two) = (first().await, second().await);
    World::new(
        &[("acme", one, one.port()), ("globex", two, two.port())],
        patient(),
    )
}

fn marked(key: &str) -> Cypher {
    Cypher::new("MATCH (n:Mine {key: $key}) RETURN n.of").param("key", key)
}

/// What each way to read gives of what is marked.
async fn seen(graph: &GraphHandle, member: &Member, key: &str) -> Result<[Vec<String>; 5]> {
    let mut read = graph.read(&member.ctx).await?;
    let all = read.all(marked(key), 10).await?;
    let optional = read.optional(marked(key)).await?.into_iter().collect();
    let mut streamed = Vec::new();
    let mut rows = read.rows(marked(key)).await?;
    while let Some(row) = rows.next().await? {
        streamed.push(row);
    }
    drop(rows);
    let mut tx = graph.begin(&member.permit).await?;
    let within = tx.all(marked(key), 10).await?;
    tx.rollback().await?;
    let transacted = graph
        .transact(&member.permit, |mut tx| async move {
            let rows = tx.all(marked(key), 10).await?;
            tx.commit().await?;
            Ok(rows)
        })
        .await?;
    Ok([all, optional, streamed, within, transacted])
}

async fn mark(member: &Member, key: &str) {
    let make = Cypher::new("MERGE (n:Mine {key: $key}) SET n.of = $of")
        .param("key", key)
        .param("of", member.tenant.slug.as_str());
    write(member, &make).await.unwrap();
}

async fn write(member: &Member, query: &Cypher) -> Result<()> {
    let work = |mut tx: GraphTransaction| async move {
        tx.run(query).await?;
        tx.commit().await
    };
    member.graph.transact(&member.permit, work).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tenant_has_its_own_graph_and_no_other() {
    let world = both().await;
    let (acme, globex) = (world.owner("acme").await, world.owner("globex").await);
    let (common, of_globex) = (unique(), unique());
    mark(&acme, &common).await;
    mark(&globex, &common).await;
    mark(&globex, &of_globex).await;
    // whoever's handle it is: the context says whose graph
    for graph in [&acme.graph, &globex.graph] {
        for member in [&acme, &globex] {
            let own = seen(graph, member, &common).await.unwrap();
            assert!(
                own.iter().all(|rows| *rows == [member.tenant.slug.as_str()]),
                "{own:?}"
            );
        }
        let other = seen(graph, &acme, &of_globex).await.unwrap();
        assert!(other.iter().all(Vec::is_empty), "{other:?}");
    }
    let gone = Cypher::new("MATCH (n:Mine {key: $key}) DETACH DELETE n").param("key", &of_globex);
    write(&acme, &gone).await.unwrap();
    let left = seen(&globex.graph, &globex, &of_globex).await.unwrap();
    assert!(
        left.iter().all(|rows| rows.len() == 1),
        "what one deletes is another's no more than what it reads"
    );
}

/// What every way in says to a member whose tenant is placed like this.
async fn refusals(world: &World, tenant: TenantRecord) -> Vec<Error> {
    let member = world.owner_of(tenant).await;
    let read = async {
        let mut read = member.graph.read(&member.ctx).await?;
        read.one::<i64>("RETURN 1").await
    };
    let begin = async { member.graph.begin(&member.permit).await };
    let lost = Cypher::new("CREATE (:Lost)");
    let transact = write(&member, &lost);
    [read.await.map(drop), begin.await.map(drop), transact.await]
        .into_iter()
        .filter_map(Result::err)
        .collect()
}

fn placed(slug: &str, instance: &str, database: Option<&str>) -> TenantRecord {
    let mut tenant = tenant(slug, Tier::Standard);
    let place = GraphPlacement {
        instance: instance.parse().unwrap(),
        database: database.map(|name| name.parse().unwrap()),
    };
    tenant.placement.graph = [("places".parse().unwrap(), place)].into();
    tenant
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_tenants_is_refused_in_every_way_in() {
    let world = both().await;
    for (what, tenant, kind) in [
        (
            "a free tenant has none",
            tenant("acme", Tier::Free),
            Kind::NotEntitled,
        ),
        (
            "another's instance",
            placed("acme", "globex-neo4j", None),
            Kind::Internal,
        ),
        (
            "another's database of an own instance",
            placed("acme", "acme-neo4j", Some("globex-graph")),
            Kind::Internal,
        ),
        (
            "an instance of another deployment",
            placed("acme", "graphs-eu-7", Some("acme-graph")),
            Kind::NotFound,
        ),
        (
            "a tenant of another deployment",
            tenant("initech", Tier::Enterprise),
            Kind::NotFound,
        ),
    ] {
        let errors = refusals(&world, tenant).await;
        assert_eq!(errors.len(), 3, "{what}");
        for error in errors {
            assert_eq!(error.kind(), kind, "{what}: {error:?}");
            let body = body(&error);
            assert!(
                !body.contains("globex") && !body.contains("neo4j"),
                "{what}: {body}"
            );
        }
    }
    let world = World::shared().await;
    let elsewhere = refusals(&world, tenant("globex", Tier::Standard)).await;
    assert!(elsewhere.len() == 3 && elsewhere.iter().all(|error| error.kind() == Kind::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_was_moved_is_where_its_new_placement_says() {
    let (one, two) = (first().await, second().await);
    let world = World::new(
        &[("acme", one, one.port()), ("acme-neo4j-2", two, two.port())],
        patient(),
    );
    let before = world.owner("acme").await;
    let key = unique();
    mark(&before, &key).await;
    let mut moved = TenantRecord {
        placement: placed("acme", "acme-neo4j-2", None).placement,
        ..before.tenant.clone()
    };
    moved.placement.epoch = Epoch(1);
    let after = world.owner_of(moved).await;
    let there = seen(&before.graph, &after, &key).await.unwrap();
    assert!(there.iter().all(Vec::is_empty), "the same handle, another place");
    let here = seen(&after.graph, &before, &key).await.unwrap();
    assert!(
        here.iter().all(|rows| rows.len() == 1),
        "a context goes where it was made for"
    );
    assert!(after.graph.resolve(&after.ctx).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_or_between_two_places_gets_no_context() {
    for (status, kind) in [
        (TenantStatus::Suspended, Kind::Suspended),
        (TenantStatus::Moving, Kind::Moving),
    ] {
        let record = TenantRecord {
            status,
            ..tenant("acme", Tier::Standard)
        };
        let resolver = Resolver::new(
            Arc::new(StaticDirectory::new([record.clone()]).unwrap()),
            Arc::new(StaticMemberships::new([tenancy_core::StaticMember {
                tenant: record.id,
                pool: record.identity_tenant.clone(),
                subject: "someone".parse().unwrap(),
                user: tenancy_core::UserId::new(),
                role: tenancy_core::Role::Owner.into(),
            }])),
            Deployment::Shared,
            HostPolicy::default(),
        );
        let who = signed_in(&record, "someone".parse().unwrap()).into();
        let refused = resolver
            .resolve(&who, &Hints::default(), RequestId::new(), None)
            .await;
        assert_eq!(refused.unwrap_err().kind(), kind);
    }
}
