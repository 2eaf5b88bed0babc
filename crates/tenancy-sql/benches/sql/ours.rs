//! Ours.

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tenancy_core::{DataWrite, Permit, SecretRef, TenantContext};
use tenancy_sql::{Databases, Hygiene, PoolMode, PoolOptions, SqlHandle};

use crate::cell::{FENCED, KEY};

/// Makes pools, and keeps their secrets for as long as they are used.
pub(crate) struct Pools {
    secrets: TempDir,
    seal: PathBuf,
}

impl Pools {
    pub(crate) fn new() -> Self {
        let secrets = tempfile::tempdir().unwrap();
        let seal = secrets.path().join("seal");
        std::fs::write(&seal, KEY).unwrap();
        Self { secrets, seal }
    }

    /// A pool of so many connections.
    pub(crate) fn plain(&self, url: &SecretString, connections: u32) -> SqlHandle {
        self.with(url, sized(connections))
    }

    /// The same, of transactions.
    pub(crate) fn of_transactions(&self, url: &SecretString, connections: u32) -> SqlHandle {
        let mode = PoolMode::Transaction;
        self.with(
            url,
            PoolOptions {
                mode,
                ..sized(connections)
            },
        )
    }

    /// The same, in which a switch of tenants closes prepared statements, too.
    pub(crate) fn strict(&self, url: &SecretString, connections: u32) -> SqlHandle {
        let hygiene = Hygiene::Strict;
        self.with(
            url,
            PoolOptions {
                hygiene,
                ..sized(connections)
            },
        )
    }

    /// A pool of a sealed database.
    pub(crate) fn sealed(&self, url: &SecretString, connections: u32, hygiene: Hygiene) -> SqlHandle {
        let options = PoolOptions {
            seal: Some(SecretRef::File(self.seal.clone())),
            hygiene,
            ..sized(connections)
        };
        self.with(url, options)
    }

    fn with(&self, url: &SecretString, options: PoolOptions) -> SqlHandle {
        let file = self.secrets.path().join(uuid::Uuid::now_v7().to_string());
        std::fs::write(&file, url.expose_secret()).unwrap();
        let locations = BTreeMap::from([("cell-free-1.core".parse().unwrap(), SecretRef::File(file))]);
        Databases::new(locations, options).handle("core".parse().unwrap())
    }
}

fn sized(connections: u32) -> PoolOptions {
    PoolOptions {
        max_connections: connections,
        ..PoolOptions::default()
    }
}

pub(crate) async fn read(core: SqlHandle, ctx: TenantContext) {
    let mut conn = core.read(&ctx).await.unwrap();
    let rows = sqlx::query(FENCED).fetch_all(&mut conn).await.unwrap();
    assert_eq!(rows.len(), 10);
}

pub(crate) async fn write(core: SqlHandle, ctx: TenantContext) {
    let permit: Permit<DataWrite> = Permit::check(&ctx).unwrap();
    let mut tx = core.begin(&permit).await.unwrap();
    let rows = sqlx::query(FENCED).fetch_all(&mut tx).await.unwrap();
    assert_eq!(rows.len(), 10);
    tx.commit().await.unwrap();
}
