//! Migrations over a few databases.

mod held;
mod stops;

use std::{sync::Mutex, time::Duration};

use secrecy::ExposeSecret;
use sqlx::{
    AssertSqlSafe, Executor,
    migrate::{Migrate, Migrator},
};
use tempfile::TempDir;
use tenancy_core::{Location, SecretRef};
use tenancy_sql::fleet::{
    Class, Ended, Event, Failure, Fleet, FleetList, FleetOptions, Outcome, Pin, RunRecord, RunReport, Stop,
    Wave,
};
use tenancy_testkit::Database;

use crate::support::{as_superuser, connect, database_of, notes};

/// Migrations in a folder, and databases `d0`, `d1`, … behind files.
pub(crate) struct Run {
    folder: TempDir,
    list: FleetList,
}

pub(crate) struct Ready<'r> {
    pub(crate) fleet: Fleet,
    run: &'r Run,
}

impl Run {
    pub(crate) fn new(migrations: &[&str], databases: &[&Database]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = |(n, database): (usize, &&Database)| {
            let file = folder.path().join(format!("url-{n}"));
            std::fs::write(&file, database.owner_url.expose_secret()).unwrap();
            (
                format!("d{n}").parse::<Location>().unwrap(),
                SecretRef::File(file),
            )
        };
        let locations = databases.iter().enumerate().map(place).collect();
        let role = databases[0].runtime_role.parse().unwrap();
        let run = Self {
            list: FleetList::new(locations, role),
            folder,
        };
        std::fs::create_dir(run.path("migrations")).unwrap();
        for (version, text) in (1..).zip(migrations) {
            std::fs::write(run.path(&format!("migrations/{version}_m.sql")), text).unwrap();
        }
        run
    }

    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

pub(crate) async fn fleet_of<'r>(
    run: &'r Run,
    change: impl FnOnce(&mut FleetList, &mut FleetOptions),
) -> Ready<'r> {
    let mut options = FleetOptions {
        attempts: 2,
        retry_delay: Duration::from_millis(50),
        busy_wait: Duration::from_millis(300),
        lock_timeout: Duration::from_millis(300),
        connect_timeout: Duration::from_secs(5),
        ..FleetOptions::default()
    };
    let mut list = run.list.clone();
    change(&mut list, &mut options);
    let migrations = Migrator::new(run.path("migrations")).await.unwrap();
    Ready {
        fleet: Fleet::new(list, migrations, options),
        run,
    }
}

impl Ready<'_> {
    pub(crate) async fn run_now(&self) -> RunReport {
        self.run_until(&Stop::default(), &|_| {}).await
    }

    pub(super) async fn run_until(&self, stop: &Stop, tell: &(dyn Fn(Event<'_>) + Sync)) -> RunReport {
        let mut record = RunRecord::open(&self.run.path("record"), &self.fleet).unwrap();
        self.fleet.run(&mut record, stop, tell).await.unwrap()
    }
}

/// The text of the migration that every database of the template has.
pub(super) fn first() -> String {
    notes().iter().next().unwrap().sql.as_str().to_owned()
}

pub(super) fn classes(report: &RunReport) -> Vec<(&str, Class)> {
    report
        .failed()
        .map(|(location, failure)| (location.as_str(), failure.class.clone()))
        .collect()
}

pub(super) async fn versions(database: &Database) -> Vec<i64> {
    let mut superuser = connect(&database.superuser_url).await;
    let text = "SELECT version FROM _sqlx_migrations ORDER BY 1";
    sqlx::query_scalar(text).fetch_all(&mut superuser).await.unwrap()
}

pub(super) async fn three() -> [Database; 3] {
    [
        database_of("fleet").await,
        database_of("fleet").await,
        database_of("fleet").await,
    ]
}

pub(super) const COLUMN: &str = "ALTER TABLE notes ADD COLUMN more text";
