//! What was applied, in the graph itself. A parsed label can't name its nodes: theirs begin with `_`.

use neo4rs::{Query, query};

use super::plan::GraphMigration;

/// Before anything else: a version is there once, and so is the lock.
pub(super) const CONSTRAINTS: [&str; 2] = [
    "CREATE CONSTRAINT _tenancy_migration IF NOT EXISTS FOR (m:_TenancyMigration) REQUIRE m.version IS UNIQUE",
    "CREATE CONSTRAINT _tenancy_migration_lock IF NOT EXISTS FOR (l:_TenancyMigrationLock) REQUIRE l.id IS UNIQUE",
];

/// Held as long as its transaction: another one's waits.
pub(super) fn lock() -> Query {
    query("MERGE (l:_TenancyMigrationLock {id: 1}) SET l.taken = timestamp()")
}

pub(super) fn applied() -> Query {
    query("MATCH (m:_TenancyMigration) RETURN m.version AS version, m.checksum AS checksum ORDER BY version")
}

pub(super) fn record(migration: &GraphMigration) -> Query {
    query("CREATE (:_TenancyMigration {version: $version, name: $name, checksum: $checksum, applied: datetime()})")
        .param("version", i64::from(migration.version))
        .param("name", migration.name)
        .param("checksum", migration.checksum())
}

/// Until what was made can be used.
pub(super) fn online(seconds: i64) -> Query {
    query("CALL db.awaitIndexes($seconds)").param("seconds", seconds)
}
