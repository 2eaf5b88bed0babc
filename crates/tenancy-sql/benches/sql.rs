//! A request's database work, four ways: the raw pool without tenancy, a transaction per request as it is usually written,
//! and ours as a read and as a transaction. On one PostgreSQL, in one run.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a benchmark that can't go on stops, and it compares with the raw pool"
)]

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgPool, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgConnection, PgPoolOptions},
};
use tenancy_core::{DataWrite, Permit, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{Databases, PoolOptions, SqlHandle, migrate, rls::TenantTable};
use tenancy_testkit::{
    CountingProxy, Database, Postgres,
    bench::{Case, Plan, print},
    context, tenant,
};

const CONNECTIONS: u32 = 8;
const TASKS: [usize; 2] = [1, 8];
/// Fenced: no tenant in the text.
const FENCED: &str = "SELECT id, body FROM notes ORDER BY id LIMIT 10";
/// The same rows in a table without a fence.
const RAW: &str = "SELECT id, body FROM notes_raw WHERE tenant_id = $1 ORDER BY id LIMIT 10";

#[tokio::main]
async fn main() {
    let json = std::env::args().any(|argument| argument == "--json");
    let server = Postgres::start().await.unwrap();
    let database = filled(&server).await;
    let secrets = tempfile::tempdir().unwrap();
    let proxy = CountingProxy::start(server.port()).await.unwrap();
    let counted = counted(
        &cases(secrets.path(), &proxy.url(&database.runtime_url), 1).await,
        &proxy,
    )
    .await;
    let cases = cases(secrets.path(), &database.runtime_url, CONNECTIONS).await;
    let cases: Vec<Case> = cases
        .into_iter()
        .zip(counted)
        .map(|(case, trips)| case.with_round_trips(trips))
        .collect();
    let plan = Plan {
        tasks: TASKS.to_vec(),
        rounds: 9,
        turn: Duration::from_millis(500),
    };
    if !json {
        println!(
            "a query of 10 rows out of 200,000, {CONNECTIONS} connections, one tenant a task, {} rounds",
            plan.rounds
        );
    }
    print(&plan.run(&cases).await, json);
    server.stop().await.unwrap();
}

/// The ids of the tenants that the tasks work for; 1,000 tenants have rows.
async fn tenants() -> Vec<TenantContext> {
    let mut contexts = Vec::new();
    for task in 0..TASKS.into_iter().max().unwrap_or(1) {
        let mut record = tenant(&format!("tenant-{task}"), Tier::Free);
        record.id = id(task);
        contexts.push(context(&record, Role::Owner).await);
    }
    contexts
}

/// A UUID of version 7 made of a number, as the SQL below makes it.
fn id(number: usize) -> tenancy_core::TenantId {
    format!("01900000-0000-7000-8000-{number:012x}").parse().unwrap()
}

async fn filled(server: &Postgres) -> Database {
    let database = server
        .create_database("bench", "bench_owner", "bench_runtime")
        .await
        .unwrap();
    let mut owner = PgConnection::connect(database.owner_url.expose_secret())
        .await
        .unwrap();
    let notes = TenantTable::new("public", "notes").unwrap();
    let notes = notes
        .column("id", "bigint NOT NULL")
        .unwrap()
        .column("body", "text NOT NULL")
        .unwrap();
    let text = AssertSqlSafe(notes.key(&["id"]).unwrap().render()).into_sql_str();
    let migration = Migration::new(1, "notes".into(), MigrationType::Simple, text, false);
    let role = database.runtime_role.parse().unwrap();
    migrate(&mut owner, &Migrator::with_migrations(vec![migration]), &role)
        .await
        .unwrap();
    let mut superuser = PgConnection::connect(database.superuser_url.expose_secret())
        .await
        .unwrap();
    let fill = format!(
        "INSERT INTO notes (tenant_id, id, body)
         SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(g % 1000), 12, '0'))::uuid, g, repeat('x', 100) FROM generate_series(1, 200000) g;
         CREATE TABLE notes_raw AS SELECT * FROM notes; ALTER TABLE notes_raw ADD PRIMARY KEY (tenant_id, id);
         GRANT SELECT ON notes_raw TO {}; ANALYZE notes, notes_raw",
        database.runtime_role
    );
    superuser.execute(AssertSqlSafe(fill)).await.unwrap();
    database
}

async fn raw_pool(url: &SecretString, connections: u32, ping: bool) -> PgPool {
    let options = PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections);
    options
        .test_before_acquire(ping)
        .connect(url.expose_secret())
        .await
        .unwrap()
}

async fn raw(pool: PgPool, ctx: TenantContext) {
    let rows = sqlx::query(RAW)
        .bind(ctx.tenant_id())
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(rows.len(), 10);
}

async fn naive(pool: PgPool, ctx: TenantContext) {
    let mut tx = pool.begin().await.unwrap();
    let scope = sqlx::query("SELECT set_config('app.current_tenant', $1, true)");
    scope
        .bind(ctx.tenant_id().to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
    let rows = sqlx::query(FENCED).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(rows.len(), 10);
    tx.commit().await.unwrap();
}

async fn read(core: SqlHandle, ctx: TenantContext) {
    let mut conn = core.read(&ctx).await.unwrap();
    let rows = sqlx::query(FENCED).fetch_all(&mut conn).await.unwrap();
    assert_eq!(rows.len(), 10);
}

async fn write(core: SqlHandle, ctx: TenantContext) {
    let permit: Permit<DataWrite> = Permit::check(&ctx).unwrap();
    let mut tx = core.begin(&permit).await.unwrap();
    let rows = sqlx::query(FENCED).fetch_all(&mut tx).await.unwrap();
    assert_eq!(rows.len(), 10);
    tx.commit().await.unwrap();
}

/// A pool of ours; each case has its own, as it would in a service.
fn ours(secrets: &Path, url: &SecretString, connections: u32) -> SqlHandle {
    let file = secrets.join(uuid::Uuid::now_v7().to_string());
    std::fs::write(&file, url.expose_secret()).unwrap();
    let locations = BTreeMap::from([("cell-free-1.core".parse().unwrap(), SecretRef::File(file))]);
    let options = PoolOptions {
        max_connections: connections,
        ..PoolOptions::default()
    };
    Databases::new(locations, options).handle("core".parse().unwrap())
}

async fn cases(secrets: &Path, url: &SecretString, connections: u32) -> Vec<Case> {
    let tenants = Arc::new(tenants().await);
    let (pinging, plain) = (
        raw_pool(url, connections, true).await,
        raw_pool(url, connections, false).await,
    );
    let naive_pool = raw_pool(url, connections, false).await;
    let (reading, writing) = (ours(secrets, url, connections), ours(secrets, url, connections));
    let of = move |tenants: &Arc<Vec<TenantContext>>, task: usize| tenants[task].clone();
    let t = [0; 5].map(|_| Arc::clone(&tenants));
    let [t1, t2, t3, t4, t5] = t;
    vec![
        Case::new("raw_noping", "raw_noping", move |task| {
            raw(plain.clone(), of(&t1, task))
        }),
        Case::new("raw_default", "raw_noping", move |task| {
            raw(pinging.clone(), of(&t2, task))
        }),
        Case::new("naive_tx", "raw_noping", move |task| {
            naive(naive_pool.clone(), of(&t3, task))
        }),
        Case::new("ours_read", "raw_noping", move |task| {
            read(reading.clone(), of(&t4, task))
        }),
        Case::new("ours_tx", "naive_tx", move |task| {
            write(writing.clone(), of(&t5, task))
        }),
    ]
}

/// Round trips of one warm operation of each case, at the wire.
async fn counted(cases: &[Case], proxy: &CountingProxy) -> Vec<u64> {
    let mut counts = Vec::new();
    for case in cases {
        case.once().await;
        case.once().await;
        // the raw pool pings in the background when a connection comes back
        tokio::time::sleep(Duration::from_millis(50)).await;
        proxy.reset();
        case.once().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        counts.push(proxy.round_trips());
    }
    counts
}
