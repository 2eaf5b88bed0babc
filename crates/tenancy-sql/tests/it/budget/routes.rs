//! Routes to the databases of one server.

use std::{collections::BTreeMap, time::Duration};

use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Executor, Row};
use tempfile::TempDir;
use tenancy_core::{Location, Result, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{Databases, PoolOptions, SqlHandle};
use tenancy_testkit::{Database, Postgres, context, tenant};

use crate::support::connect;

/// A fleet of dedicated databases: so many locations, spread over a few databases of one server.
pub(super) struct Fleet {
    pub(super) databases: Databases,
    pub(super) core: SqlHandle,
    pub(super) tenants: Vec<TenantContext>,
    /// A database of it, and the role that all are served by.
    pub(super) one: Database,
    /// How many databases there are: a location's is its number modulo that.
    pub(super) count: usize,
    name: String,
    secrets: TempDir,
}

impl Fleet {
    pub(super) async fn new(name: &str, locations: usize, databases: usize, options: PoolOptions) -> Self {
        let server = Postgres::shared().await.unwrap();
        Self::on(server, name, locations, databases, options).await
    }

    pub(super) async fn on(
        server: &Postgres,
        name: &str,
        locations: usize,
        databases: usize,
        options: PoolOptions,
    ) -> Self {
        let role = format!("{name}_runtime");
        let mut made = Vec::new();
        for n in 0..databases {
            let database = server
                .create_database(&format!("{name}_{n}"), &format!("{name}_owner"), &role)
                .await;
            made.push(database.unwrap());
        }
        let secrets = tempfile::tempdir().unwrap();
        let mut places = BTreeMap::new();
        let mut tenants = Vec::new();
        for n in 0..locations {
            let file = secrets.path().join(n.to_string());
            std::fs::write(&file, made[n % databases].runtime_url.expose_secret()).unwrap();
            places.insert(at(n), SecretRef::File(file));
            let mut record = tenant(&format!("tenant-{n}"), Tier::Standard);
            record.placement.sql.insert("core".parse().unwrap(), at(n));
            tenants.push(context(&record, Role::Owner).await);
        }
        let count = made.len();
        let databases = Databases::new(places, options);
        Self {
            count,
            name: name.to_owned(),
            core: databases.handle("core".parse().unwrap()),
            databases,
            tenants,
            one: made.swap_remove(0),
            secrets,
        }
    }

    pub(super) async fn ask(&self, n: usize) -> Result<i32> {
        let mut conn = self.core.read(&self.tenants[n]).await?;
        let row = sqlx::query("SELECT pg_backend_pid()")
            .fetch_one(&mut conn)
            .await?;
        Ok(row.get(0))
    }

    /// How many backends the server has for the fleet.
    pub(super) async fn backends(&self) -> i64 {
        let mut superuser = connect(&self.one.superuser_url).await;
        let count = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = '{}'",
            self.one.runtime_role
        );
        superuser.fetch_one(AssertSqlSafe(count)).await.unwrap().get(0)
    }

    /// The database that a location leads to.
    pub(super) fn database_of(&self, location: usize) -> String {
        format!("{}_{}", self.name, location % self.count)
    }

    pub(super) fn write(&self, n: usize, url: &str) {
        std::fs::write(self.secrets.path().join(n.to_string()), url).unwrap();
    }
}

pub(super) fn at(n: usize) -> Location {
    format!("tenant-{n}-postgres-1").parse().unwrap()
}

pub(super) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let soon = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), soon)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}
