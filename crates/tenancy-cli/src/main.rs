#![doc = include_str!("../README.md")]

mod audit;
mod database;
mod failure;
mod migrate;
mod rls;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::failure::Failure;

/// Audits, fences and migrates databases of tenants.
#[derive(Parser)]
#[command(name = "tenancy", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Audit(audit::AuditArgs),
    /// Fences a schema that is there: prints the plan, or executes it.
    #[command(subcommand)]
    Rls(rls::Rls),
    Migrate(migrate::Migrate),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.verb).await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(3)
        }
    }
}

async fn run(verb: Verb) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Audit(args) => audit::run(args).await,
        Verb::Rls(verb) => verb.run().await,
        Verb::Migrate(migrate) => migrate.run().await,
    }
}
