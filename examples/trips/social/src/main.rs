//! The `social` service: the first argument, or `TENANCY_CONFIG`, names its configuration file.

use std::{error::Error, ffi::OsString, process::ExitCode};

use tenancy::{Config, Tenancy};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // what is wrong with the configuration is wrong before it says how to log
            tenancy::telemetry::init();
            tracing::error!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config::load(config()?)?;
    let _telemetry = tenancy::telemetry::start(config.telemetry())?;
    let tenancy = Tenancy::new(config).await?;
    let router = social::router(&tenancy)?;
    Ok(tenancy.serve(router).await?)
}

fn config() -> Result<OsString, &'static str> {
    let argument = std::env::args_os().nth(1);
    argument
        .or_else(|| std::env::var_os("TENANCY_CONFIG"))
        .ok_or("no configuration: name its file as the first argument or in TENANCY_CONFIG")
}
