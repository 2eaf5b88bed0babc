//! What is to be applied. Pure: decides, touches nothing.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use tenancy_core::{Error, Result};

use crate::cypher::check_schema;

/// One version of a graph's indexes and constraints. Once applied anywhere it stays as it is.
///
/// ```
/// use tenancy_graph::GraphMigration;
///
/// const MIGRATIONS: [GraphMigration; 1] = [GraphMigration {
///     version: 1,
///     name: "places",
///     statements: &[
///         "CREATE CONSTRAINT place_id IF NOT EXISTS FOR (p:Place) REQUIRE p.id IS UNIQUE",
///         "CREATE FULLTEXT INDEX place_title IF NOT EXISTS FOR (p:Place) ON EACH [p.title]",
///     ],
/// }];
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphMigration {
    /// Above the one before it.
    pub version: u32,
    /// What it is about, for the ledger.
    pub name: &'static str,
    /// `CREATE … INDEX` and `CREATE CONSTRAINT` with `IF NOT EXISTS`, `DROP …` with `IF EXISTS`: done twice, they are done once.
    pub statements: &'static [&'static str],
}

impl GraphMigration {
    /// Of the statements, in hexadecimal.
    pub(super) fn checksum(&self) -> String {
        let mut hash = Sha256::new();
        for statement in self.statements {
            hash.update((statement.len() as u64).to_be_bytes());
            hash.update(statement);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What the ledger says.
#[derive(Debug, Deserialize)]
pub(super) struct Applied {
    pub(super) version: u32,
    pub(super) checksum: String,
}

/// Refuses migrations that are none.
pub(super) fn check(migrations: &[GraphMigration]) -> Result<()> {
    let ascending = migrations
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if a.version < b.version));
    if !ascending {
        return Err(Error::internal(
            "the versions of a graph's migrations do not ascend: correct them",
        ));
    }
    for migration in migrations {
        for statement in migration.statements {
            check_schema(statement).map_err(|refusal| {
                Error::internal(format!("the graph's migration {}: {refusal}", migration.version))
                    .with_source(refusal)
            })?;
        }
    }
    Ok(())
}

/// What is to be applied, in order.
pub(super) fn pending<'m>(
    applied: &[Applied],
    known: &'m [GraphMigration],
) -> Result<Vec<&'m GraphMigration>> {
    for one in applied {
        let same = known.iter().find(|migration| migration.version == one.version);
        let version = one.version;
        match same {
            None => {
                return Err(Error::internal(format!(
                    "the graph has the migration {version}, which is not among those given: a newer service migrated it"
                )));
            }
            Some(migration) if migration.checksum() != one.checksum => {
                return Err(Error::internal(format!(
                    "the graph's migration {version} was changed after it was applied: restore it, and add another"
                )));
            }
            Some(_) => {}
        }
    }
    let last = applied.iter().map(|one| one.version).max();
    let pending: Vec<_> = known
        .iter()
        .filter(|migration| applied.iter().all(|one| one.version != migration.version))
        .collect();
    match pending.first() {
        Some(first) if last > Some(first.version) => Err(Error::internal(format!(
            "the graph's migration {} was added below one that is applied: give it a version above",
            first.version
        ))),
        _ => Ok(pending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn migration(version: u32, statements: &'static [&'static str]) -> GraphMigration {
        GraphMigration {
            version,
            name: "x",
            statements,
        }
    }

    const KNOWN: [GraphMigration; 3] = [migration(1, &["a"]), migration(2, &["b"]), migration(4, &["c"])];

    fn check_plan(applied: &[u32], expect: Option<&[u32]>) {
        let applied: Vec<_> = applied
            .iter()
            .map(|&version| Applied {
                version,
                checksum: KNOWN
                    .iter()
                    .find(|known| known.version == version)
                    .map_or_else(String::new, GraphMigration::checksum),
            })
            .collect();
        let pending = pending(&applied, &KNOWN).ok();
        let versions = pending.map(|all| all.iter().map(|one| one.version).collect::<Vec<_>>());
        assert_eq!(versions.as_deref(), expect);
    }

    #[test]
    fn what_was_applied_is_skipped_and_nothing_goes_below_it() {
        check_plan(&[], Some(&[1, 2, 4]));
        check_plan(&[1], Some(&[2, 4]));
        check_plan(&[2, 1, 4], Some(&[]));
        check_plan(&[1, 4], None);
        check_plan(&[1, 3], None);
    }

    #[test]
    fn what_was_changed_is_refused() {
        let changed = Applied {
            version: 1,
            checksum: migration(1, &["a", ""]).checksum(),
        };
        assert!(pending(&[changed], &KNOWN).is_err());
        assert!(check(&KNOWN).is_err(), "those are no statements");
        assert!(check(&[migration(2, &[]), migration(2, &[])]).is_err());
    }
}
