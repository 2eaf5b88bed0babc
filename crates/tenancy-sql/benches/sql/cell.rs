//! Databases to measure on: filled, fenced, and sealed or not.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AssertSqlSafe, Connection, Executor, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::PgConnection,
};
use tenancy_sql::{
    migrate,
    rls::TenantTable,
    seal::{self, SealKey},
};
use tenancy_testkit::{Database, Postgres};

/// The seal's key of every sealed database here.
pub(crate) const KEY: &str = "Mm8hN2zQ4pXw7Rk1Vt6Yb3Jc9Ls5Fd0G";

/// Fenced: no tenant in the text.
pub(crate) const FENCED: &str = "SELECT id, body FROM notes ORDER BY id LIMIT 10";
/// The same rows in a table without a fence.
pub(crate) const RAW: &str = "SELECT id, body FROM notes_raw WHERE tenant_id = $1 ORDER BY id LIMIT 10";

/// A tenant's id of its number.
pub(crate) const TENANT: &str = "CREATE FUNCTION bench_tenant(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ \
     SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$";

pub(crate) async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.unwrap()
}

/// Runs each text as the superuser.
pub(crate) async fn fill(database: &Database, texts: &[&str]) {
    let mut superuser = connect(&database.superuser_url).await;
    for text in texts {
        let text = text.replace("{runtime}", &database.runtime_role);
        superuser.execute(AssertSqlSafe(text)).await.unwrap();
    }
    superuser.close().await.unwrap();
}

/// Brings tables in, as a service does.
pub(crate) async fn bring_in(database: &Database, tables: &[TenantTable]) {
    let text: String = tables.iter().map(TenantTable::render).collect();
    let text = AssertSqlSafe(text).into_sql_str();
    let migration = Migration::new(1, Cow::Borrowed("tables"), MigrationType::Simple, text, false);
    let role = database.runtime_role.parse().unwrap();
    let mut owner = connect(&database.owner_url).await;
    migrate(&mut owner, &Migrator::with_migrations(vec![migration]), &role)
        .await
        .unwrap();
    owner.close().await.unwrap();
}

/// A table of `columns`, with a key within the tenant.
pub(crate) fn table(name: &str, columns: &[(&str, &'static str)], key: &[&str]) -> TenantTable {
    let table = TenantTable::new("public", name).unwrap();
    let table = columns
        .iter()
        .fold(table, |table, (name, is)| table.column(name, is).unwrap());
    table.key(key).unwrap()
}

pub(crate) async fn enforce_the_seal(database: &Database) {
    let key = SealKey::new(&SecretString::from(KEY)).unwrap();
    let mut owner = connect(&database.owner_url).await;
    let runtime = database.runtime_role.parse().unwrap();
    seal::install(&mut owner, &key, &runtime).await.unwrap();
    seal::enforce(&mut owner).await.unwrap();
    owner.close().await.unwrap();
}

/// A database with 200,000 notes of 10,000 tenants, and the same without a fence.
pub(crate) async fn notes(server: &Postgres) -> Database {
    let build = async |database: &Database| {
        let columns = [("id", "bigint NOT NULL"), ("body", "text NOT NULL")];
        bring_in(database, &[table("notes", &columns, &["id"])]).await;
        let texts = [
            TENANT,
            "INSERT INTO notes (tenant_id, id, body) \
             SELECT bench_tenant(g % 10000), g, repeat('x', 100) FROM generate_series(1, 200000) g",
            "CREATE TABLE notes_raw AS SELECT * FROM notes; ALTER TABLE notes_raw ADD PRIMARY KEY (tenant_id, id); \
             GRANT SELECT ON notes_raw TO {runtime}",
            "VACUUM (FREEZE, ANALYZE) notes, notes_raw",
        ];
        fill(database, &texts).await;
    };
    server.database_from("bench", build).await.unwrap()
}

/// The same, sealed.
pub(crate) async fn sealed_notes(server: &Postgres) -> Database {
    let database = notes(server).await;
    enforce_the_seal(&database).await;
    database
}
