//! A cell with one fenced table, and two tenants in it.

use std::{borrow::Cow, collections::BTreeMap};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AssertSqlSafe, Connection, Executor, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgConnectOptions, PgConnection},
};
use tempfile::TempDir;
use tenancy_core::{DataWrite, Permit, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{Databases, PoolOptions, SqlHandle, migrate, rls::TenantTable};
use tenancy_testkit::{Database, Postgres, context, tenant};

/// A shared cell with the table `notes (id, body)`, and two tenants in it.
pub(crate) struct Cell {
    pub(crate) database: Database,
    pub(crate) core: SqlHandle,
    pub(crate) databases: Databases,
    pub(crate) alpha: TenantContext,
    pub(crate) beta: TenantContext,
    _secrets: TempDir,
}

pub(crate) fn notes() -> Migrator {
    let table = TenantTable::new("public", "notes").unwrap();
    let table = table
        .column("id", "uuid NOT NULL")
        .unwrap()
        .column("body", "text NOT NULL")
        .unwrap();
    let text = table.key(&["id"]).unwrap().render();
    let text = AssertSqlSafe(text).into_sql_str();
    let migration = Migration::new(1, Cow::Borrowed("notes"), MigrationType::Simple, text, false);
    Migrator::with_migrations(vec![migration])
}

pub(crate) fn options(url: &SecretString) -> PgConnectOptions {
    url.expose_secret().parse().unwrap()
}

pub(crate) async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect_with(&options(url)).await.unwrap()
}

/// Runs statements as the superuser.
pub(crate) async fn as_superuser(database: &Database, text: &str) {
    let mut superuser = connect(&database.superuser_url).await;
    superuser.execute(AssertSqlSafe(text.to_owned())).await.unwrap();
}

/// A database of its own; tests that change its roles name a template of their own, since roles are the server's.
pub(crate) async fn database_of(template: &'static str) -> Database {
    database_on(Postgres::shared().await.unwrap(), template).await
}

/// The same on another server.
pub(crate) async fn database_on(server: &Postgres, template: &'static str) -> Database {
    let build = async |database: &Database| {
        let mut owner = connect(&database.owner_url).await;
        migrate(&mut owner, &notes(), &database.runtime_role.parse().unwrap())
            .await
            .unwrap();
    };
    let database = server.database_from(template, build).await.unwrap();
    database.assert_demoted().await;
    database
}

pub(crate) async fn database() -> Database {
    database_of("notes").await
}

/// The one database of the cell, behind a reference to a secret.
pub(crate) fn databases(url: &SecretString, options: PoolOptions) -> (Databases, TempDir) {
    let secrets = tempfile::tempdir().unwrap();
    let file = secrets.path().join("core");
    std::fs::write(&file, url.expose_secret()).unwrap();
    let location = "cell-free-1.core".parse().unwrap();
    let locations = BTreeMap::from([(location, SecretRef::File(file))]);
    (Databases::new(locations, options), secrets)
}

impl Cell {
    pub(crate) async fn new() -> Self {
        Self::with(PoolOptions::default()).await
    }

    pub(crate) async fn with(options: PoolOptions) -> Self {
        Self::of("notes", options).await
    }

    pub(crate) async fn of(template: &'static str, options: PoolOptions) -> Self {
        let database = database_of(template).await;
        let url = database.runtime_url.clone();
        Self::behind(database, &url, options).await
    }

    /// The cell, reached through `url`.
    pub(crate) async fn behind(database: Database, url: &SecretString, options: PoolOptions) -> Self {
        let (databases, secrets) = databases(url, options);
        Self {
            core: databases.handle("core".parse().unwrap()),
            databases,
            alpha: context(&tenant("alpha", Tier::Free), Role::Owner).await,
            beta: context(&tenant("beta", Tier::Free), Role::Owner).await,
            database,
            _secrets: secrets,
        }
    }

    pub(crate) async fn write(&self, ctx: &TenantContext, body: &str) -> uuid::Uuid {
        let id = uuid::Uuid::now_v7();
        let mut tx = self.core.begin(&permit(ctx)).await.unwrap();
        let insert = sqlx::query("INSERT INTO notes (id, body) VALUES ($1, $2)");
        insert.bind(id).bind(body).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub(crate) async fn bodies(&self, ctx: &TenantContext) -> Vec<String> {
        let mut conn = self.core.read(ctx).await.unwrap();
        let query = sqlx::query_scalar("SELECT body FROM notes ORDER BY body");
        query.fetch_all(&mut conn).await.unwrap()
    }
}

pub(crate) fn permit(ctx: &TenantContext) -> Permit<DataWrite> {
    Permit::check(ctx).unwrap()
}
