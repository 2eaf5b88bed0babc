//! The command line of `tenancy migrate`.

use std::{path::PathBuf, time::Duration};

use clap::ValueEnum;
use tenancy_core::{Location, SecretRef};
use tenancy_sql::fleet::{FleetOptions, Wave};

/// Brings every database of a fleet to its schema, in waves. A run that was stopped goes on when it is typed again.
#[derive(clap::Args)]
pub(crate) struct Migrate {
    /// The databases, as TOML or JSON: `sql.locations` with a reference to each one's owner's URL, `sql.runtime_role`, and
    /// `pins`.
    #[arg(long, value_name = "FILE", default_value = "fleet.toml")]
    pub(super) fleet: PathBuf,
    /// The registry, as its owner: every place where it has a tenant must be in the list.
    #[arg(long, value_name = "REFERENCE", conflicts_with = "lint")]
    pub(super) registry: Option<SecretRef>,
    /// The folder of the service's migrations.
    #[arg(long, value_name = "FOLDER", default_value = "migrations")]
    pub(super) source: PathBuf,
    /// Where the run is recorded, for the one that goes on with it.
    #[arg(long, value_name = "FILE", default_value = "tenancy-migrate.jsonl")]
    pub(super) state: PathBuf,
    /// Only looks at the migrations; connects to nothing.
    #[arg(long, conflicts_with_all = ["report", "dry_run"])]
    pub(super) lint: bool,
    /// Only says who has which version.
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) report: bool,
    /// Only says what would be done, and what would stand in its way.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Who comes when: numbers of databases, shares, `rest`.
    #[arg(
        long,
        value_name = "WAVE",
        value_delimiter = ',',
        default_value = "1,10%,rest"
    )]
    waves: Vec<Wave>,
    /// A database that comes first; may be repeated.
    #[arg(long, value_name = "LOCATION")]
    canary: Vec<Location>,
    /// Databases that are worked on at one time.
    #[arg(long, value_name = "N", default_value_t = 4)]
    parallel: usize,
    /// Databases that may fail in the same way before no more are begun.
    #[arg(long, value_name = "N", default_value_t = 1)]
    same_failures: usize,
    /// How often a database that is down, or a migration that gets no lock, is tried.
    #[arg(long, value_name = "N", default_value_t = 3)]
    attempts: u32,
    /// How long a statement waits for a lock.
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    lock_timeout: u64,
    /// How long a statement may run.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    statement_timeout: u64,
    /// Migrations up to this version are not linted.
    #[arg(long, value_name = "VERSION", default_value_t = 0)]
    pub(super) lint_after: i64,
}

/// How an answer is written.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Migrate {
    pub(super) fn options(&self) -> FleetOptions {
        FleetOptions {
            waves: self.waves.clone(),
            canaries: self.canary.clone(),
            parallel: self.parallel,
            same_failures: self.same_failures,
            attempts: self.attempts,
            lock_timeout: Duration::from_secs(self.lock_timeout),
            statement_timeout: Duration::from_secs(self.statement_timeout),
            lint_after: self.lint_after,
            ..FleetOptions::default()
        }
    }
}
