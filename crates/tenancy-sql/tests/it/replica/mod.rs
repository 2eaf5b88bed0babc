//! Reads from a real standby, as the demoted role that serves.

mod budget;
mod fence;
mod outage;
mod own_writes;
mod refused;
mod staleness;

use std::{collections::BTreeMap, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Executor, Row};
use tempfile::TempDir;
use tenancy_core::{DataWrite, Permit, Result, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{DatabaseUrls, Databases, PoolOptions, Position, ReadConnection, SqlHandle, Staleness};
use tenancy_testkit::{CountingProxy, Database, Postgres, Replica, context, tenant};
use tokio::sync::OnceCell;

use crate::support::{connect, database_on};

/// The one primary of these tests.
async fn primary() -> &'static Postgres {
    static PRIMARY: OnceCell<Postgres> = OnceCell::const_new();
    let primary = PRIMARY.get_or_try_init(Postgres::start_replicated).await;
    primary.unwrap()
}

/// A database of its own on the primary, and a standby of its own, each behind a proxy.
struct Pair {
    database: Database,
    replica: Replica,
    to_primary: CountingProxy,
    to_replica: CountingProxy,
    /// What the standby follows the primary through.
    stream: CountingProxy,
    databases: Databases,
    core: SqlHandle,
    alpha: TenantContext,
    beta: TenantContext,
    secrets: TempDir,
}

impl Pair {
    /// Proven, and served from the standby.
    async fn new(options: PoolOptions) -> Self {
        let pair = Self::unproven(options).await;
        pair.databases.verify().await.unwrap();
        pair
    }

    async fn unproven(options: PoolOptions) -> Self {
        let primary = primary().await;
        let database = database_on(primary, "replicated").await;
        let stream = CountingProxy::start(primary.port()).await.unwrap();
        let replica = Replica::through(primary, stream.port()).await.unwrap();
        let to_primary = CountingProxy::start(primary.port()).await.unwrap();
        let to_replica = CountingProxy::start(replica.port()).await.unwrap();
        let secrets = tempfile::tempdir().unwrap();
        let urls = [&to_primary, &to_replica].map(|proxy| proxy.url(&database.runtime_url));
        let databases = databases(&secrets, &urls[0], &[&urls[1]], options);
        Self {
            core: databases.handle("core".parse().unwrap()),
            databases,
            alpha: context(&tenant("alpha", Tier::Free), Role::Owner).await,
            beta: context(&tenant("beta", Tier::Free), Role::Owner).await,
            database,
            replica,
            to_primary,
            to_replica,
            stream,
            secrets,
        }
    }

    async fn write(&self, ctx: &TenantContext, body: &str) -> Position {
        write(&self.core, ctx, body).await
    }

    /// What a tenant sees at such an age, and whether a replica answered: as we say, and as the server says.
    async fn sees(&self, ctx: &TenantContext, staleness: Staleness) -> (Vec<String>, bool) {
        let mut conn = self.core.read_within(ctx, staleness).await.unwrap();
        let replica = conn.is_of_replica();
        assert_eq!(is_in_recovery(&mut conn).await.unwrap(), replica);
        (bodies(&mut conn).await, replica)
    }

    /// Waits until the standby has all that the primary wrote, and serves.
    async fn catches_up(&self) {
        let position = self.write(&self.beta, "the last").await;
        until("the standby catches up", async || {
            self.sees(&self.beta, Staleness::after(position)).await.1
        })
        .await;
    }

    /// Statements of the standby's superuser, one by one: some refuse to share a transaction.
    async fn on_standby(&self, statements: &[&'static str]) {
        let mut superuser = connect(&self.replica.superuser_url(&self.database.name)).await;
        for statement in statements {
            superuser.execute(*statement).await.unwrap();
        }
    }
}

fn location() -> tenancy_core::Location {
    "cell-free-1.core".parse().unwrap()
}

/// One database, whose URLs are behind references.
fn databases(
    secrets: &TempDir,
    primary: &SecretString,
    replicas: &[&SecretString],
    options: PoolOptions,
) -> Databases {
    let reference = |(name, url): (String, &SecretString)| {
        let file = secrets.path().join(name);
        std::fs::write(&file, url.expose_secret()).unwrap();
        SecretRef::File(file)
    };
    let all = replicas.iter().enumerate();
    let replicas = all
        .map(|(n, url)| reference((format!("replica-{n}"), url)))
        .collect();
    let urls = DatabaseUrls::new(reference(("primary".to_owned(), primary))).replicas(replicas);
    Databases::with_replicas(BTreeMap::from([(location(), urls)]), options)
}

async fn write(core: &SqlHandle, ctx: &TenantContext, body: &str) -> Position {
    let permit: Permit<DataWrite> = Permit::check(ctx).unwrap();
    let mut tx = core.begin(&permit).await.unwrap();
    let insert = sqlx::query("INSERT INTO notes (id, body) VALUES ($1, $2)");
    let insert = insert.bind(uuid::Uuid::now_v7()).bind(body);
    insert.execute(&mut tx).await.unwrap();
    tx.commit_with_position().await.unwrap()
}

async fn bodies(conn: &mut ReadConnection) -> Vec<String> {
    let query = sqlx::query_scalar("SELECT body FROM notes ORDER BY id");
    query.fetch_all(conn).await.unwrap()
}

async fn is_in_recovery(conn: &mut ReadConnection) -> Result<bool> {
    let row = sqlx::query("SELECT pg_is_in_recovery()").fetch_one(conn).await?;
    Ok(row.get(0))
}

/// How many backends a server has for the serving role, in the database of the URL.
async fn backends(superuser_url: &SecretString, role: &str) -> i64 {
    let mut superuser = connect(superuser_url).await;
    let text = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}' AND datname = current_database()"
    );
    superuser.fetch_one(AssertSqlSafe(text)).await.unwrap().get(0)
}

fn at_most(millis: u64) -> Staleness {
    Staleness::at_most(Duration::from_millis(millis))
}

/// An hour: whatever the replica has will do, once the primary was asked.
const ANY: Duration = Duration::from_secs(3600);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let soon = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), soon)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}
