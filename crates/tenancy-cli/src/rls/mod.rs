//! `tenancy rls`: fences a schema that is there.

mod arguments;
mod progress;
mod show;

use std::{io::Write, process::ExitCode, time::Duration};

use clap::{Args, Subcommand};
use tenancy_sql::rls::{ApplyOptions, Phase, Plan, apply};

pub(crate) use self::show::{problems, stopped};
use self::{arguments::DeclarationArg, progress::Progress};
use crate::{database::DatabaseArg, failure::Failure};

#[derive(Subcommand)]
pub(crate) enum Rls {
    /// Prints the plan as a script: what is done, what is left, and why. Changes nothing.
    Plan(PlanVerb),
    /// Executes the plan up to a phase. It can be stopped and run again at any time.
    Apply(ApplyVerb),
}

#[derive(Args)]
pub(crate) struct PlanVerb {
    #[command(flatten)]
    database: DatabaseArg,
    #[command(flatten)]
    declaration: DeclarationArg,
    /// Exits with 1 when something is left to do.
    #[arg(long)]
    check: bool,
}

#[derive(Args)]
pub(crate) struct ApplyVerb {
    #[command(flatten)]
    database: DatabaseArg,
    #[command(flatten)]
    declaration: DeclarationArg,
    /// The last phase to execute: prepare, backfill, validate, admit or enforce.
    #[arg(long, value_parser = arguments::phase)]
    until: Phase,
    /// The longest wait for a lock before it is tried again, in milliseconds. It grows fourfold at the most: keep that below the server's `deadlock_timeout`.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=240))]
    lock_wait: u64,
    /// How often a lock is tried.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    attempts: u32,
    /// The pause after each batch of rows, in milliseconds.
    #[arg(long, default_value_t = 10)]
    pause: u64,
}

impl Rls {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Plan(verb) => verb.run().await,
            Self::Apply(verb) => verb.run().await,
        }
    }
}

impl PlanVerb {
    async fn run(self) -> Result<ExitCode, Failure> {
        let declared = self.declaration.read()?;
        let mut connection = self.database.connect().await?;
        let plan = Plan::new(&mut connection, &declared).await?;
        // a reader that went away has seen enough
        let _ = write!(std::io::stdout(), "{plan}");
        let left = plan.pending(Phase::Enforce).next().is_some();
        Ok(ExitCode::from(u8::from(self.check && left)))
    }
}

impl ApplyVerb {
    async fn run(self) -> Result<ExitCode, Failure> {
        let declared = self.declaration.read()?;
        let mut connection = self.database.connect().await?;
        let options = ApplyOptions {
            lock_wait: Duration::from_millis(self.lock_wait),
            attempts: self.attempts,
            pause: Duration::from_millis(self.pause),
            ..ApplyOptions::default()
        };
        let mut progress = Progress::new();
        let mut tell = |event: tenancy_sql::rls::Event<'_>| progress.show(&event);
        let applied = apply(&mut connection, &declared, self.until, &options, &mut tell).await;
        progress.end();
        let _ = writeln!(std::io::stdout(), "{}", applied?);
        Ok(ExitCode::SUCCESS)
    }
}
