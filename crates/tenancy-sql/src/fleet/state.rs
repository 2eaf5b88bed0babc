//! What a database says of its schema.

use std::collections::BTreeMap;

use sqlx::{
    migrate::{Migration, Migrator},
    postgres::PgConnection,
};

use super::{Class, Failure};

/// A table of migrations, and how it is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: &'static str,
    text: &'static str,
}

/// The table of a service's migrations.
pub(super) const SERVICE: Table = Table {
    name: "public._sqlx_migrations",
    text: "SELECT version, checksum, success FROM public._sqlx_migrations",
};
/// The table of our own.
pub(super) const BASE: Table = Table {
    name: "public.tenancy_migrations",
    text: "SELECT version, checksum, success FROM public.tenancy_migrations",
};

/// What one migrations table has.
#[derive(Debug, Default)]
pub(super) struct Applied {
    versions: BTreeMap<i64, (Vec<u8>, bool)>,
}

impl Applied {
    /// Reads a migrations table; an absent one has nothing. One or two round trips.
    pub(super) async fn read(connection: &mut PgConnection, table: &Table) -> Result<Self, Failure> {
        Self::ask(connection, table)
            .await
            .map_err(|error| Failure::asking(&error))
    }

    async fn ask(connection: &mut PgConnection, table: &Table) -> sqlx::Result<Self> {
        let there: bool = sqlx::query_scalar("SELECT pg_catalog.to_regclass($1) IS NOT NULL")
            .bind(table.name)
            .fetch_one(&mut *connection)
            .await?;
        if !there {
            return Ok(Self::default());
        }
        let rows: Vec<(i64, Vec<u8>, bool)> = sqlx::query_as(table.text).fetch_all(connection).await?;
        let versions = rows
            .into_iter()
            .map(|(version, sum, done)| (version, (sum, done)));
        Ok(Self {
            versions: versions.collect(),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    pub(super) fn has(&self, version: i64) -> bool {
        self.versions.contains_key(&version)
    }

    pub(super) fn last(&self) -> Option<i64> {
        self.versions.keys().next_back().copied()
    }

    /// What is still to be applied, in order.
    pub(super) fn pending<'m>(&self, migrations: &'m Migrator) -> Vec<&'m Migration> {
        let up = migrations
            .iter()
            .filter(|one| one.migration_type.is_up_migration());
        up.filter(|one| !self.has(one.version)).collect()
    }

    /// That what is applied is what the folder has.
    pub(super) fn check(&self, migrations: &Migrator) -> Result<(), Failure> {
        for (&version, (checksum, done)) in &self.versions {
            let own = migrations
                .iter()
                .find(|one| one.version == version && one.migration_type.is_up_migration());
            let class = match own {
                _ if !done => Class::Unfinished(version),
                None => Class::Unknown(version),
                Some(own) if own.checksum.as_ref() != checksum.as_slice() => Class::Changed(version),
                Some(_) => continue,
            };
            return Err(Failure::new(class, ""));
        }
        Ok(())
    }
}
