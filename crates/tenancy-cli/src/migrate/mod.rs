//! `tenancy migrate`: every database of a fleet, in waves.

mod arguments;
mod list;
mod progress;
mod show;

use std::process::ExitCode;

use sqlx::migrate::Migrator;
use tenancy_sql::fleet::{self, Ended, Fleet, RunRecord, Stop};

pub(crate) use self::arguments::Migrate;
use self::{arguments::Format, progress::Progress};
use crate::failure::Failure;

/// Done, and nothing was found.
const CLEAN: u8 = 0;
/// Done, and something must be looked at.
const FOUND: u8 = 1;

impl Migrate {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let migrations = Migrator::new(self.source.as_path()).await?;
        let code = if self.lint {
            self.lint(&migrations)
        } else {
            let databases = list::read(&self.fleet)?;
            if let Some(registry) = &self.registry {
                list::complete(&databases, registry).await?;
            }
            let fleet = Fleet::new(databases, migrations, self.options());
            if self.report || self.dry_run {
                self.look(&fleet).await
            } else {
                self.migrate(&fleet).await?
            }
        };
        Ok(ExitCode::from(code))
    }

    fn lint(&self, migrations: &Migrator) -> u8 {
        let hazards = fleet::lint::lint(migrations, self.lint_after);
        show::hazards(&hazards, self.format);
        if hazards.iter().any(|hazard| hazard.waived.is_none()) {
            FOUND
        } else {
            CLEAN
        }
    }

    /// Who has what; for a dry run, with what is wrong with the migrations.
    async fn look(&self, fleet: &Fleet) -> u8 {
        let report = fleet.survey().await;
        let open = fleet.hazards().iter().any(|hazard| hazard.waived.is_none());
        match self.format {
            Format::Json if self.dry_run => show::json(&(fleet.hazards(), &report)),
            Format::Json => show::json(&report),
            Format::Text => {
                if self.dry_run {
                    show::hazards(fleet.hazards(), self.format);
                }
                print!("{report}");
            }
        }
        let found = if self.dry_run {
            open || report
                .databases
                .iter()
                .any(|one| one.failure.is_some() || !one.blocked.is_empty())
        } else {
            !report.is_even()
        };
        if found { FOUND } else { CLEAN }
    }

    async fn migrate(&self, fleet: &Fleet) -> Result<u8, Failure> {
        let mut record = RunRecord::open(&self.state, fleet)?;
        if let Some(wave) = record.resumed() {
            eprintln!("goes on with the run of `{}`, wave {wave}", self.state.display());
        }
        let (stop, progress) = (Stop::default(), Progress::new());
        let interrupted = tokio::spawn(interrupts(stop.clone()));
        let report = fleet
            .run(&mut record, &stop, &|event| progress.tell(&event))
            .await;
        interrupted.abort();
        let report = report?;
        show::run(&report, self.format, &self.state);
        let whole = report.ended == Ended::Whole && report.failed().next().is_none();
        Ok(if whole { CLEAN } else { FOUND })
    }
}

/// The first asks the run to end, the second ends the process: what runs is rolled back by the servers.
async fn interrupts(stop: Stop) {
    if interrupt().await {
        eprintln!("ends what runs, begins no more; once more to break off");
        stop.ask();
    }
    if interrupt().await {
        std::process::exit(130);
    }
}

#[cfg(unix)]
async fn interrupt() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.is_ok(),
        ended = terminate.recv() => ended.is_some(),
    }
}

#[cfg(not(unix))]
async fn interrupt() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
