//! Brings a database to the registry's schema.

use std::time::Duration;

use sqlx::{PgConnection, migrate::Migrator};
use tenancy_core::{Error, Result};

use super::Registry;

/// How long all migrations may take. Another process that migrates at the same time is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

impl Registry {
    /// Brings a database to the registry's schema. Repeatable.
    ///
    /// `owner` is connected as the role that owns the database: everything in it becomes that role's, and is taken from
    /// everybody else, the right to connect included. After an error, close the connection.
    ///
    /// # Errors
    ///
    /// `Unavailable` when it takes more than a minute, `Internal` when a migration fails or was changed after it ran.
    pub async fn migrate(owner: &mut PgConnection) -> Result<()> {
        match tokio::time::timeout(PATIENCE, migrator().run_direct(None, owner, false)).await {
            Ok(done) => done.map_err(|e| Error::internal("the registry can't be migrated").with_source(e)),
            Err(_) => Err(Error::unavailable(
                "the registry's migrations did not end in time",
            )),
        }
    }
}

fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!();
    migrator.create_schema("registry");
    migrator.dangerous_set_table_name("registry._sqlx_migrations");
    migrator
}
