#![doc = include_str!("../README.md")]

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
        Verb::Rls(verb) => verb.run().await,
        Verb::Migrate(migrate) => migrate.run().await,
    }
}
