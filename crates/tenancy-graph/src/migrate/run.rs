//! Brings a graph to a service's indexes and constraints.

use std::time::Duration;

use neo4rs::{Query, query};
use serde::de::DeserializeOwned;
use tenancy_core::{GraphPlacement, Kind, Result};
use tokio::time::{Instant, sleep};

use super::{
    ledger,
    plan::{self, Applied, GraphMigration},
};
use crate::{
    GraphStores,
    deadline::{after, answered},
    failure,
    pool::Lease,
};

/// How long a run may take, the wait for another one's end included.
const RUN: Duration = Duration::from_secs(600);
/// How long new indexes are waited for.
const ONLINE: i64 = 300;
/// How often the ledger's own constraints are tried: two that begin at once may stand in each other's way.
const TRIES: u32 = 5;

/// Brings a graph to a service's indexes and constraints, and says how many migrations it took.
///
/// # Guarantees
///
/// Repeatable: what was applied is skipped, and a run that died is taken up where it stopped. A lock in the graph keeps two
/// runners apart; it ends with its runner's connection.
///
/// # Assumptions
///
/// The login may change the schema. The server's `db.transaction.timeout` is longer than a run: else the lock is gone before
/// the run ends, and the statements' own `IF NOT EXISTS` is what is left.
///
/// # Errors
///
/// `Internal` when a migration is none, or was changed or left out after it was applied; `Unavailable` when the graph can't be
/// reached, or another runner is not done within ten minutes; `Conflict` when the data violates a constraint.
pub async fn migrate(
    stores: &GraphStores,
    place: &GraphPlacement,
    migrations: &[GraphMigration],
) -> Result<usize> {
    plan::check(migrations)?;
    let end = after(RUN);
    let instance = stores.apart(place, RUN)?;
    let mut work = instance.lease(place.database.clone(), end).await?;
    for constraint in ledger::CONSTRAINTS {
        repeated(&mut work, constraint, end).await?;
    }
    let mut lock = instance.lease(place.database.clone(), end).await?;
    let graph = lock.begin(end).await?;
    let mut held = answered(end, graph.start_txn()).await?;
    answered(end, held.run(ledger::lock())).await?;
    let applied: Vec<Applied> = run(&mut work, ledger::applied(), end).await?;
    let pending = plan::pending(&applied, migrations)?;
    for migration in &pending {
        for statement in migration.statements {
            run::<Nothing>(&mut work, query(statement), end).await?;
        }
        run::<Nothing>(&mut work, ledger::record(migration), end).await?;
    }
    if !pending.is_empty() {
        run::<Nothing>(&mut work, ledger::online(ONLINE), end).await?;
    }
    answered(end, held.commit()).await?;
    Ok(pending.len())
}

/// Nobody needs the rows.
type Nothing = serde::de::IgnoredAny;

/// One statement in a transaction of its own.
async fn run<T: DeserializeOwned>(lease: &mut Lease, query: Query, end: Instant) -> Result<Vec<T>> {
    let graph = lease.begin(end).await?;
    let mut txn = answered(end, graph.start_txn()).await?;
    let mut rows = answered(end, txn.execute(query)).await?;
    let mut all = Vec::new();
    while let Some(row) = answered(end, rows.next(txn.handle())).await? {
        all.push(row.to().map_err(|error| failure::classify(error.into()))?);
    }
    answered(end, txn.commit()).await?;
    lease.cleaned();
    Ok(all)
}

async fn repeated(lease: &mut Lease, statement: &str, end: Instant) -> Result<()> {
    let mut tries = 1;
    loop {
        match run::<Nothing>(lease, query(statement), end).await {
            Ok(_) => return Ok(()),
            Err(error) if tries >= TRIES || error.kind() != Kind::Unavailable => return Err(error),
            Err(_) => {
                sleep(Duration::from_millis(100) * tries).await;
                tries += 1;
            }
        }
    }
}
