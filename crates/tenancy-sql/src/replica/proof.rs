//! Proves that a replica is one, and isolates tenants as its primary does.

use std::{sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::Location;
use tokio::time::timeout;

use super::{ASK_STANDBY, Refusal, Replica, Standby, position::History, state::PROOF};
use crate::{
    Databases, PoolMode, Unsafe, audit,
    budget::{ENDING, Unit},
    databases::Place,
    pool,
};

/// How long a replica may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(5);
/// How old the answer of the primary may be that is compared with.
const YOUNG: Duration = Duration::from_secs(30);

const SEALED: &str =
    "it has replicas and a seal, and a standby can't be sealed: leave `sql.replicas` out, or `sql.seal`";

/// Why a replica is not used.
enum Unproven {
    /// It could not be asked: it may come back.
    Away(String),
    /// It must not be read from.
    Unsafe(Unsafe),
}

impl Databases {
    /// Proves every replica: that it is one of its primary's cluster, and isolates tenants as the role sees it that reads. One
    /// that can't be reached is left out, and proven when it is there.
    pub(crate) async fn verify_replicas(&self) -> Result<(), Unsafe> {
        for (location, place) in self.places() {
            for replica in &place.replicas.all {
                match self.prove_within(location, place, replica).await {
                    Ok(()) => {}
                    Err(Unproven::Unsafe(refusal)) => return Err(refusal),
                    Err(Unproven::Away(reason)) => {
                        tracing::warn!(%location, replica = %replica.server.target, "a replica is left out: {reason}");
                    }
                }
            }
        }
        Ok(())
    }

    /// Proves a replica while others read elsewhere.
    pub(super) fn prove_beside(&self, place: &Arc<Place>, location: &Location, number: u64) {
        let (databases, place, location) = (self.clone(), Arc::clone(place), location.clone());
        tokio::spawn(async move {
            let mut all = place.replicas.all.iter();
            let Some(replica) = all.find(|replica| replica.server.number == number) else {
                return;
            };
            let url = &replica.server.target;
            match databases.prove_within(&location, &place, replica).await {
                Ok(()) => tracing::info!(%location, replica = %url, "a replica is read from"),
                Err(Unproven::Unsafe(refusal)) => tracing::error!("a replica is not read from: {refusal}"),
                Err(Unproven::Away(reason)) => {
                    tracing::debug!(%location, replica = %url, "a replica is not there yet: {reason}");
                }
            }
        });
    }

    async fn prove_within(
        &self,
        location: &Location,
        place: &Place,
        replica: &Replica,
    ) -> Result<(), Unproven> {
        let proof = timeout(PROOF, self.prove(location, place, replica)).await;
        let proof = proof.unwrap_or_else(|_| Err(Unproven::Away("it did not answer in time".to_owned())));
        let mut state = replica.state.lock();
        match &proof {
            Ok(()) => state.proven(),
            Err(Unproven::Away(_)) => state.away(),
            Err(Unproven::Unsafe(_)) => state.not_it(),
        }
        drop(state);
        proof
    }

    async fn prove(&self, location: &Location, place: &Place, replica: &Replica) -> Result<(), Unproven> {
        let refused = |reason: String| Unproven::Unsafe(Unsafe::unanswered(location, reason));
        if self.options().seal.is_some() {
            return Err(refused(SEALED.to_owned()));
        }
        let target = &replica.server.target;
        let connect = target.connect().map_err(refused)?;
        let primary = self.sample(place, YOUNG).await;
        let silent = || Unproven::Away("its primary does not say which cluster it is".to_owned());
        let history = primary.ok_or_else(silent)?.point.history;
        let unit = self.unit(&replica.server).await.map_err(Unproven::Away)?;
        let own = self.options().mode == PoolMode::Session;
        look(&connect, unit, own, history)
            .await
            .map_err(|look| match look {
                Look::Failed(error) if passes(&error) => Unproven::Away("it can't be reached".to_owned()),
                Look::Failed(error) => refused(format!(
                    "its replica `{target}` refuses: SQLSTATE {}",
                    code(&error).unwrap_or_default()
                )),
                Look::Slow => Unproven::Away("it did not answer in time".to_owned()),
                Look::Refused(refusal) => refused(format!("its replica `{target}` {}", said(refusal))),
            })?;
        if !replica.state.lock().is_audited() {
            let mut unit = self.unit(&replica.server).await.map_err(Unproven::Away)?;
            unit.opens();
            let report = audit::audit(location, &connect, self.options().mode).await;
            let report = report.map_err(Unproven::Unsafe)?;
            unit.ends_within(ENDING);
            audit::judge(location, &report).map_err(Unproven::Unsafe)?;
        }
        Ok(())
    }
}

/// What became of asking.
enum Look {
    Failed(sqlx::Error),
    Slow,
    Refused(Refusal),
}

/// One round trip, and a login's. The connection is closed so that the server is known to have let go: a pool of one has its
/// place back.
async fn look(connect: &PgConnectOptions, mut unit: Unit, own: bool, history: History) -> Result<(), Look> {
    unit.opens();
    let said = match timeout(PATIENCE, asked(connect)).await {
        Err(_) => return Err(Look::Slow),
        Ok(Err(error)) => {
            pool::give_back(unit, &error);
            return Err(Look::Failed(error));
        }
        Ok(Ok((connection, said))) => {
            pool::close_parts(connection, unit, own).await;
            said
        }
    };
    said.map_err(Look::Failed)?.is_of(history).map_err(Look::Refused)
}

async fn asked(connect: &PgConnectOptions) -> sqlx::Result<(PgConnection, sqlx::Result<Standby>)> {
    let mut connection = connect.connect().await?;
    let said = ask(&mut connection).await;
    Ok((connection, said))
}

async fn ask(connection: &mut PgConnection) -> sqlx::Result<Standby> {
    let rows = sqlx::raw_sql(ASK_STANDBY).fetch_all(connection).await?;
    Standby::from_row(rows.last().ok_or(sqlx::Error::RowNotFound)?)
}

fn said(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::OtherCluster => {
            "is a replica of another cluster: name one that was copied from this database's primary"
        }
        Refusal::OtherDatabase => "leads to another database of the cluster: name this database in its URL",
        Refusal::NoReplica | Refusal::OtherHistory | Refusal::Behind => {
            "is not in recovery: it takes writes, or was promoted. Name a hot standby of this database's primary"
        }
    }
}

/// Whether a failure is one that passes: of the line, or of a server that starts, stops or is full.
fn passes(error: &sqlx::Error) -> bool {
    match (error, code(error)) {
        (_, Some(code)) => ["57P", "53", "08"].iter().any(|class| code.starts_with(class)),
        (sqlx::Error::Configuration(_), None) => false,
        (_, None) => true,
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
