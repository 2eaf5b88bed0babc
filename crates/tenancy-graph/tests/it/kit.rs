//! Two tenants, two instances.

use std::{collections::BTreeMap, path::Path, time::Duration};

use secrecy::ExposeSecret;
use tempfile::TempDir;
use tenancy_core::{
    DataWrite, Error, Location, Permit, Role, SecretRef, TenantContext, TenantRecord, Tier, names,
};
use tenancy_graph::{GraphHandle, GraphInstance, GraphOptions, GraphStores};
use tenancy_testkit::{Neo4j, context, tenant};
use tokio::sync::OnceCell;

/// A server that is started once for all tests, the second of two.
pub(crate) async fn second() -> &'static Neo4j {
    static SECOND: OnceCell<Neo4j> = OnceCell::const_new();
    SECOND
        .get_or_init(|| async { Neo4j::start().await.unwrap() })
        .await
}

pub(crate) async fn first() -> &'static Neo4j {
    Neo4j::shared().await.unwrap()
}

/// What a deployment that knows these instances is configured with.
pub(crate) struct World {
    pub(crate) stores: GraphStores,
    pub(crate) folder: TempDir,
}

impl World {
    /// Each slug's instance, or the one of this whole name, and the server (or the proxy before it) that it is.
    pub(crate) fn new(instances: &[(&str, &Neo4j, u16)], options: GraphOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut named = BTreeMap::new();
        for (slug, server, port) in instances {
            let file = folder.path().join(slug);
            std::fs::write(&file, server.password().expose_secret()).unwrap();
            named.insert(location(slug), instance(&file, *port));
        }
        Self {
            stores: GraphStores::new(named, options),
            folder,
        }
    }

    /// One tenant, `acme`, on the server that all tests share.
    pub(crate) async fn shared() -> Self {
        let server = first().await;
        Self::new(&[("acme", server, server.port())], patient())
    }

    /// The owner of a tenant of this slug, in its own instance.
    pub(crate) async fn owner(&self, slug: &str) -> Member {
        self.owner_of(tenant(slug, Tier::Standard)).await
    }

    pub(crate) async fn owner_of(&self, tenant: TenantRecord) -> Member {
        let ctx = context(&tenant, Role::Owner).await;
        Member {
            permit: Permit::check(&ctx).unwrap(),
            graph: self.stores.handle("places".parse().unwrap()),
            ctx,
            tenant,
        }
    }
}

/// On a machine that is busy compiling the first statements take seconds.
pub(crate) fn patient() -> GraphOptions {
    GraphOptions {
        connect_timeout: Duration::from_secs(20),
        acquire_timeout: Duration::from_secs(20),
        ..GraphOptions::default()
    }
}

/// The instance of a slug; a name with a hyphen is one itself.
pub(crate) fn location(slug: &str) -> Location {
    if slug.contains('-') {
        return slug.parse().unwrap();
    }
    names::graph(&slug.parse().unwrap()).unwrap().instance
}

fn instance(password: &Path, port: u16) -> GraphInstance {
    GraphInstance {
        url: format!("bolt://127.0.0.1:{port}").parse().unwrap(),
        user: "neo4j".to_owned(),
        password: SecretRef::File(password.to_owned()),
        ca: None,
    }
}

/// A member of a tenant, with its graph at hand.
pub(crate) struct Member {
    pub(crate) tenant: TenantRecord,
    pub(crate) ctx: TenantContext,
    pub(crate) permit: Permit<DataWrite>,
    pub(crate) graph: GraphHandle,
}

/// A name that no other test has: they share a server.
pub(crate) fn unique() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// What a client gets.
pub(crate) fn body(error: &Error) -> String {
    serde_json::to_string(error.problem()).unwrap()
}

/// The driver itself, past the fences.
pub(crate) fn raw(server: &Neo4j) -> neo4rs::Graph {
    neo4rs::Graph::new(server.url(), server.user(), server.password().expose_secret()).unwrap()
}

/// How many transactions of the server have this text in their query: 0 within the time, or else the last count.
pub(crate) async fn running(server: &Neo4j, text: &str, within: Duration) -> i64 {
    let graph = raw(server);
    let deadline = tokio::time::Instant::now() + within;
    loop {
        let query = "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS $text AND NOT currentQuery STARTS WITH \
                     'SHOW' RETURN count(*) AS n";
        let mut rows = graph
            .execute(neo4rs::query(query).param("text", text))
            .await
            .unwrap();
        let count = rows.next().await.unwrap().unwrap().get::<i64>("n").unwrap();
        if count == 0 || tokio::time::Instant::now() > deadline {
            return count;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
