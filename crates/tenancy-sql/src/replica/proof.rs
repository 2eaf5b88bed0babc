//! Proves that a replica is one, and isolates tenants as its primary does.

use std::{num::NonZeroU64, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::Location;
use tokio::time::{Instant, timeout};

use super::{ASK_STANDBY, Refusal, Replica, Standby, state::PROOF};
use crate::{
    Databases, Unsafe, audit,
    budget::{ENDING, Unit},
    databases::Place,
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
        let (mut state, now) = (replica.state.lock(), Instant::now());
        match &proof {
            Ok(()) => state.proven(),
            Err(Unproven::Away(_)) => state.away(now),
            Err(Unproven::Unsafe(_)) => state.not_it(now),
        }
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
        let system = primary.ok_or_else(silent)?.point.history.system;
        let mut unit = self.unit(&replica.server).await.map_err(Unproven::Away)?;
        unit.opens();
        if let Err(error) = look(&connect, system).await {
            return Err(error.of(unit, &target.to_string(), refused));
        }
        if !replica.state.lock().is_audited() {
            let report = audit::audit(location, &connect).await.map_err(Unproven::Unsafe)?;
            audit::judge(location, &report).map_err(Unproven::Unsafe)?;
        }
        unit.ends_within(ENDING);
        Ok(())
    }
}

/// What became of asking.
enum Look {
    Failed(sqlx::Error),
    Slow,
    Refused(Refusal),
}

/// Two round trips, and a login's.
async fn look(connect: &PgConnectOptions, system: NonZeroU64) -> Result<(), Look> {
    let asking = async {
        let mut connection = connect.connect().await?;
        let said = ask(&mut connection).await;
        // the answer counts, not the farewell
        let _ = connection.close().await;
        said
    };
    let said = timeout(PATIENCE, asking).await.map_err(|_| Look::Slow)?;
    said.map_err(Look::Failed)?.is_of(system).map_err(Look::Refused)
}

async fn ask(connection: &mut PgConnection) -> sqlx::Result<Standby> {
    let rows = sqlx::raw_sql(ASK_STANDBY).fetch_all(connection).await?;
    Standby::from_row(rows.last().ok_or(sqlx::Error::RowNotFound)?)
}

impl Look {
    fn of(self, unit: Unit, url: &str, refused: impl Fn(String) -> Unproven) -> Unproven {
        match self {
            // it can't be proven that the server has let go
            Self::Slow => Unproven::Away("it did not answer in time".to_owned()),
            Self::Refused(refusal) => {
                unit.ends_within(ENDING);
                refused(format!("its replica `{url}` {}", said(refusal)))
            }
            Self::Failed(error) => {
                let passes = passes(&error);
                crate::pool::give_back(unit, &error);
                match passes {
                    true => Unproven::Away("it can't be reached".to_owned()),
                    false => refused(format!("its replica `{url}` does not answer: {}", code(&error))),
                }
            }
        }
    }
}

fn said(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::OtherCluster => {
            "is a replica of another cluster: name one that was copied from this database's primary"
        }
        Refusal::NoReplica | Refusal::OtherHistory | Refusal::Behind => {
            "is not in recovery: it takes writes, or was promoted. Name a hot standby of this database's primary"
        }
    }
}

/// Whether a failure is one that passes: of the line, or of a server that starts, stops or is full.
fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(_) => error
            .as_database_error()
            .and_then(|error| error.code())
            .is_some_and(|code| ["57P", "53", "08"].iter().any(|class| code.starts_with(class))),
        sqlx::Error::Configuration(_) => false,
        _ => true,
    }
}

fn code(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    code.map_or_else(
        || "its answer is none".to_owned(),
        |code| format!("SQLSTATE {code}"),
    )
}
