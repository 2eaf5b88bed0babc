//! The schema of the logical database `social`.

use sqlx::migrate::Migrator;

/// The schema's steps. They run as the owner of the database, after tenancy's own: `tenancy_sql::migrate` does both.
pub static MIGRATOR: Migrator = sqlx::migrate!();
