//! The boot check: proves, as the role that will serve, that a database isolates tenants.

mod finding;
mod probe;
mod rule;
mod rules;

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::Location;

pub use self::finding::{Finding, Unsafe};

/// How long one database may take to be proven.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks everything, so that one start shows every finding.
pub(crate) async fn verify(location: &Location, connect: &PgConnectOptions) -> Result<(), Unsafe> {
    // names in the answers are then written with their schema
    let connect = connect
        .clone()
        .options([("search_path", "pg_catalog"), ("statement_timeout", "5000")]);
    let findings = match tokio::time::timeout(PATIENCE, findings(&connect)).await {
        Ok(Ok(findings)) => findings,
        Ok(Err(error)) => return Err(Unsafe::failed(location, error)),
        Err(_) => return Err(Unsafe::unanswered(location, "it did not answer in time")),
    };
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Unsafe::proven(location, findings))
    }
}

async fn findings(connect: &PgConnectOptions) -> sqlx::Result<Vec<Finding>> {
    let mut connection = connect.connect().await?;
    let found = ask(&mut connection).await;
    // the answer counts, not the farewell
    let _ = connection.close().await;
    found
}

async fn ask(connection: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for rule in rules::ALL {
        findings.extend(rule.ask(connection).await?);
    }
    findings.extend(probe::ask(connection).await?);
    Ok(findings)
}
