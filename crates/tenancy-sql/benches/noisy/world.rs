//! The database, and who uses it.

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AssertSqlSafe, Connection, Executor, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::PgConnection,
};
use tempfile::TempDir;
use tenancy_core::{Role, TenantContext, TenantId, Tier};
use tenancy_sql::{migrate, rls::TenantTable};
use tenancy_testkit::{Database, Postgres, context, tenant};

use crate::access::SCAN;

/// How many tenants there are beside the one.
const OTHERS: usize = 20;

/// A database with the rows of all tenants, fenced and not; all of them have the Free plan.
pub(crate) struct World {
    pub(crate) runtime_url: SecretString,
    pub(crate) neighbour: TenantContext,
    pub(crate) others: Vec<TenantContext>,
    pub(crate) secrets: TempDir,
    database: Database,
}

impl World {
    pub(crate) async fn new(server: &Postgres) -> Self {
        let database = filled(server).await;
        let mut others = Vec::new();
        for n in 1..=OTHERS {
            others.push(member(n).await);
        }
        Self {
            runtime_url: database.runtime_url.clone(),
            neighbour: member(0).await,
            others,
            secrets: tempfile::tempdir().unwrap(),
            database,
        }
    }

    /// Ends what a turn left behind on the server.
    pub(crate) async fn clear(&self) {
        let mut superuser = connect(&self.database.superuser_url).await;
        let end = format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{}'",
            self.database.runtime_role
        );
        superuser.execute(AssertSqlSafe(end)).await.unwrap();
    }

    /// Says what a scan is, on this machine.
    pub(crate) async fn introduce(&self) {
        let mut superuser = connect(&self.database.superuser_url).await;
        let mut times = Vec::new();
        for _ in 0..5 {
            let started = std::time::Instant::now();
            let scan = sqlx::query(SCAN).bind(self.neighbour.tenant_id());
            scan.fetch_one(&mut superuser).await.unwrap();
            times.push(started.elapsed().as_millis());
        }
        times.sort_unstable();
        println!(
            "one tenant of the Free plan, half of its requests scans of {} ms, beside {OTHERS} with light ones; {} connections",
            times[2],
            crate::access::CONNECTIONS,
        );
    }
}

async fn member(number: usize) -> TenantContext {
    let mut record = tenant(&format!("tenant-{number}"), Tier::Free);
    record.id = id(number);
    context(&record, Role::Owner).await
}

/// A UUID of version 7 made of a number, as the SQL below makes it.
fn id(number: usize) -> TenantId {
    format!("01900000-0000-7000-8000-{number:012x}").parse().unwrap()
}

async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.unwrap()
}

async fn filled(server: &Postgres) -> Database {
    let database = server
        .create_database("noisy", "noisy_owner", "noisy_runtime")
        .await
        .unwrap();
    let mut owner = connect(&database.owner_url).await;
    let notes = TenantTable::new("public", "notes").unwrap();
    let notes = notes.column("id", "bigint NOT NULL").unwrap();
    let notes = notes.column("body", "text NOT NULL").unwrap();
    let text = AssertSqlSafe(notes.key(&["id"]).unwrap().render()).into_sql_str();
    let migration = Migration::new(1, "notes".into(), MigrationType::Simple, text, false);
    let migrations = Migrator::with_migrations(vec![migration]);
    let role = database.runtime_role.parse().unwrap();
    migrate(&mut owner, &migrations, &role).await.unwrap();
    let fill = format!(
        "INSERT INTO notes (tenant_id, id, body)
         SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid, g, repeat('x', 100)
         FROM generate_series(0, {OTHERS}) t, generate_series(1, CASE t WHEN 0 THEN 40000 ELSE 1000 END) g;
         CREATE TABLE notes_raw AS SELECT * FROM notes; ALTER TABLE notes_raw ADD PRIMARY KEY (tenant_id, id);
         GRANT SELECT, UPDATE ON notes_raw TO {}; ANALYZE notes, notes_raw",
        database.runtime_role
    );
    let mut superuser = connect(&database.superuser_url).await;
    superuser.execute(AssertSqlSafe(fill)).await.unwrap();
    database
}
