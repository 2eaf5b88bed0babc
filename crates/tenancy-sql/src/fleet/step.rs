//! Brings one database to its version.

use std::time::Duration;

use jiff::civil::Date;
use sqlx::{
    AssertSqlSafe, Connection, Executor,
    migrate::{Migrate, MigrateError, Migration, Migrator},
    postgres::PgConnection,
};
use tenancy_core::{Location, SecretRef};
use tokio::time::{Instant, sleep};

use super::{
    Class, Failure, Fleet, dependents, lock,
    run::Done,
    session,
    state::{self, Applied, Table},
    verify,
};
use crate::{RoleName, migrate};

/// One attempt after another, while the failure is one that passes.
pub(super) async fn bring(
    fleet: &Fleet,
    location: &Location,
    url: &SecretRef,
    today: Date,
) -> Result<Done, Failure> {
    let mut delay = fleet.options.retry_delay;
    for _ in 1..fleet.options.attempts {
        match attempt(fleet, location, url, today).await {
            Err(failure) if failure.class.passes() => sleep(delay).await,
            ended => return ended,
        }
        delay *= 2;
    }
    attempt(fleet, location, url, today).await
}

async fn attempt(fleet: &Fleet, location: &Location, url: &SecretRef, today: Date) -> Result<Done, Failure> {
    let begun = Instant::now();
    let mut connection = session::open(url, &fleet.options).await?;
    let step = Step { fleet, location };
    let done = step.take(&mut connection, today).await;
    // the lock ends with the session, which ends in any case
    let _ = tokio::time::timeout(fleet.options.connect_timeout, connection.close()).await;
    let mut done = done?;
    done.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(done)
}

struct Step<'f> {
    fleet: &'f Fleet,
    location: &'f Location,
}

impl Step<'_> {
    async fn take(&self, connection: &mut PgConnection, today: Date) -> Result<Done, Failure> {
        lock::hold(connection, self.fleet.options.busy_wait).await?;
        self.bring_base(connection, today).await?;
        let before = Applied::read(connection, &state::SERVICE).await?;
        let limit = self.fleet.limit(self.location, &before, today);
        let to = limit.as_ref().map(|(version, _)| *version);
        let applied = self
            .bring(connection, &self.fleet.migrations, &state::SERVICE, to)
            .await?;
        self.prove(connection).await?;
        let role = self.fleet.list.role(self.location);
        self.grant(connection, role, !applied.is_empty()).await?;
        Ok(Done {
            from: before.last(),
            to: applied.last().copied().or(before.last()),
            applied,
            held: limit.map(|(_, why)| why),
            millis: 0,
        })
    }

    /// Our own tables. A database that is held, and has some, is left as it is.
    async fn bring_base(&self, connection: &mut PgConnection, today: Date) -> Result<(), Failure> {
        let pinned = self.fleet.pin(self.location).is_some_and(|pin| pin.holds(today));
        if pinned && !Applied::read(connection, &state::BASE).await?.is_empty() {
            return Ok(());
        }
        let base = migrate::base();
        self.bring(connection, &base, &state::BASE, None).await?;
        Ok(())
    }

    /// Applies what a table lacks, up to a version.
    async fn bring(
        &self,
        connection: &mut PgConnection,
        migrations: &Migrator,
        table: &Table,
        to: Option<i64>,
    ) -> Result<Vec<i64>, Failure> {
        let applied = Applied::read(connection, table).await?;
        applied.check(migrations)?;
        let pending = applied.pending(migrations).into_iter();
        let pending: Vec<_> = pending
            .filter(|one| to.is_none_or(|to| one.version <= to))
            .collect();
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        connection
            .ensure_migrations_table(table.name)
            .await
            .map_err(|error| Failure::applying(0, &error))?;
        let mut versions = Vec::with_capacity(pending.len());
        for migration in pending {
            if *table == state::SERVICE {
                self.clear_the_way(connection, migration).await?;
            }
            self.apply(connection, table.name, migration).await?;
            versions.push(migration.version);
        }
        Ok(versions)
    }

    /// A migration whose transaction did not get its locks is gone without a trace, and tried again.
    async fn apply(
        &self,
        connection: &mut PgConnection,
        table: &str,
        migration: &Migration,
    ) -> Result<(), Failure> {
        let options = &self.fleet.options;
        let mut delay = options.retry_delay;
        for attempt in 1.. {
            let applying = connection.apply(table, migration);
            let failure = match within(options.migration_timeout, applying).await {
                None => {
                    return Err(Failure::new(Class::Down, "it did not end a migration in time"));
                }
                Some(Ok(_)) => return Ok(()),
                Some(Err(error)) => Failure::applying(migration.version, &error),
            };
            if !matches!(failure.class, Class::Locked(_)) || attempt >= options.attempts {
                return Err(failure);
            }
            sleep(delay).await;
            delay *= 2;
        }
        Ok(())
    }

    /// What an earlier attempt left behind, or a tenant has put up, stands in the way of a migration.
    async fn clear_the_way(
        &self,
        connection: &mut PgConnection,
        migration: &Migration,
    ) -> Result<(), Failure> {
        let dropped = self.fleet.reading.dropped.iter();
        for (_, dropped) in dropped.filter(|(version, _)| *version == migration.version) {
            let found = dependents::of(connection, dropped).await;
            let found = found.map_err(|error| Failure::asking(&error))?;
            if !found.is_empty() {
                return Err(Failure::new(
                    Class::Blocked(migration.version),
                    format!(
                        "{} stands on `{}`, which it drops",
                        found.join(", "),
                        dropped.table
                    ),
                ));
            }
        }
        if migration.no_tx {
            let dropped = drop_half_made(connection, migration).await;
            dropped.map_err(|error| Failure::asking(&error))?;
        }
        Ok(())
    }

    /// What is there is fenced, whoever made it: no right is given before.
    async fn prove(&self, connection: &mut PgConnection) -> Result<(), Failure> {
        let unfenced = verify::unfenced(connection).await;
        let unfenced = unfenced.map_err(|error| Failure::asking(&error))?;
        let mut bad: Vec<String> = unfenced
            .iter()
            .filter(|name| !verify::is_ours(name) && !self.fleet.reading.global.contains(*name))
            .map(|name| format!("`{name}` has no fence"))
            .collect();
        let invalid = verify::invalid_indexes(connection).await;
        let invalid = invalid.map_err(|error| Failure::asking(&error))?;
        bad.extend(
            invalid
                .iter()
                .map(|name| format!("the index `{name}` is not valid")),
        );
        if bad.is_empty() {
            return Ok(());
        }
        Err(Failure::new(Class::Unproven, bad.join(", ")))
    }

    /// The rights of the role that serves, when there is something new or a run before ended too early to give them.
    async fn grant(
        &self,
        connection: &mut PgConnection,
        role: &RoleName,
        changed: bool,
    ) -> Result<(), Failure> {
        let granted = async {
            if changed || migrate::lacks_rights(connection, role).await? {
                migrate::grant(connection, role).await?;
            }
            sqlx::Result::Ok(())
        };
        granted.await.map_err(|error| Failure::asking(&error))
    }
}

/// An index that a killed run was making CONCURRENTLY stays, unusable, and IF NOT EXISTS would take it for made.
async fn drop_half_made(connection: &mut PgConnection, migration: &Migration) -> sqlx::Result<()> {
    let text = migration.sql.as_str();
    for name in verify::invalid_indexes(connection).await? {
        let named = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word.eq_ignore_ascii_case(&name.table));
        if named {
            let (schema, index) = (quoted(&name.schema), quoted(&name.table));
            let drop = format!("DROP INDEX CONCURRENTLY {schema}.{index}");
            connection.execute(AssertSqlSafe(drop)).await?;
        }
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, MigrateError>>,
) -> Option<Result<T, MigrateError>> {
    tokio::time::timeout(patience, work).await.ok()
}
