//! Trips on three tiers, driven end to end: `demo [--once]`, `demo up`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use demo::{
    story::{self, LogFile, Receiver, Screen, Trips},
    world::{Extent, Failure, PROJECT, Result, World},
};
use secrecy::ExposeSecret;
use tenancy_testkit::{KeyServer, Postgres, Redis, TokenMint};

/// Trips on three tiers: PostgreSQL, Redis, a registry, two services on three deployments, driven with real tokens.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// End after the last step, with a status other than 0 when anything was not as it should be.
    #[arg(long)]
    once: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Just PostgreSQL, Redis and the key server, until Ctrl-C.
    Up,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Some(Command::Up) => up().await.map(|()| true),
        None => demo(arguments.once).await,
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all was as it should be. Ctrl-C ends it at any point, and with it everything that was started.
async fn demo(once: bool) -> Result<bool> {
    let mut screen = Screen::default();
    let folder = tempfile::tempdir().map_err(|error| Failure::new("create a folder", error))?;
    let receiver = Receiver::start().await?;
    let log = LogFile::start(&folder.path().join("services.log"), receiver.url())?;
    let (world, trips) = tokio::select! {
        told = tell(&mut screen, &log, &receiver) => told?,
        () = stopped() => return Ok(false),
    };
    let right = screen.verdict();
    if !once {
        story::show_curl_lines(&world, &trips, &mut screen)?;
        screen.line(&format!("\nlog: {}\nCtrl-C ends it.", log.path().display()));
        tokio::select! {
            () = world.keep_working() => {}
            () = stopped() => {}
        }
        screen.line("\nstopping");
    }
    world.stop().await?;
    if !right {
        screen.line(&format!("log: {}", folder.keep().join("services.log").display()));
    }
    Ok(right)
}

async fn tell(screen: &mut Screen, log: &LogFile, receiver: &Receiver) -> Result<(World, Trips)> {
    screen.chapter("Setting up");
    let world = World::start(Extent::Whole, |progress| screen.progress(progress)).await?;
    let trips = story::tell(&world, screen, log, receiver).await?;
    Ok((world, trips))
}

async fn up() -> Result<()> {
    let mut screen = Screen::default();
    screen.note("starting PostgreSQL and Redis");
    let postgres = Postgres::start()
        .await
        .map_err(|error| Failure::new("start PostgreSQL", error))?;
    let redis = Redis::start()
        .await
        .map_err(|error| Failure::new("start Redis", error))?;
    let mint = TokenMint::new(PROJECT);
    let keys = KeyServer::start(&mint)
        .await
        .map_err(|error| Failure::new("serve the signing keys", error))?;
    screen.line(&format!(
        "PostgreSQL        {}",
        postgres.superuser_url("postgres").expose_secret()
    ));
    screen.line(&format!("Redis             {}", redis.url().expose_secret()));
    screen.line(&format!("identity.project  {PROJECT}"));
    screen.line(&format!("identity.keys     {}", keys.url()));
    screen.line("Ctrl-C ends it.");
    stopped().await;
    drop((keys, redis));
    postgres
        .stop()
        .await
        .map_err(|error| Failure::new("stop PostgreSQL", error))
}

/// Ctrl-C, or a polite end.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
