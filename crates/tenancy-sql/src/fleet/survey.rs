//! Which database has which version.

use std::{collections::BTreeMap, fmt};

use futures::{StreamExt, stream};
use serde::Serialize;
use sqlx::{Connection, postgres::PgConnection};
use tenancy_core::{Location, SecretRef};

use super::{
    Failure, Fleet, Pin, dependents,
    pin::today,
    session,
    state::{self, Applied},
};

/// What one database has, and what it lacks.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Skew {
    /// The database.
    pub location: Location,
    /// The last migration of the service's that it has.
    pub version: Option<i64>,
    /// The last migration of `tenancy` that it has.
    pub base: Option<i64>,
    /// The service's migrations that it lacks.
    pub pending: Vec<i64>,
    /// Those of them that it would get now are up to this one, and why.
    pub held: Option<String>,
    /// Its pin, an expired one too.
    pub pin: Option<Pin>,
    /// What of the tenant's own stands in the way of which migration.
    pub blocked: BTreeMap<i64, Vec<String>>,
    /// Why it could not be looked at, or must not be migrated.
    pub failure: Option<Failure>,
}

/// The versions across a fleet.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SkewReport {
    /// The version that all are to have.
    pub target: Option<i64>,
    /// How many databases have which version; those that could not be looked at have none.
    pub versions: BTreeMap<String, usize>,
    /// Each database, by location.
    pub databases: Vec<Skew>,
}

impl SkewReport {
    /// Whether every database was looked at, and has all that it is to have.
    #[must_use]
    pub fn is_even(&self) -> bool {
        self.databases
            .iter()
            .all(|one| one.failure.is_none() && one.pending.is_empty())
    }
}

impl Fleet {
    /// Looks at every database, and changes nothing. Some eight round trips each.
    pub async fn survey(&self) -> SkewReport {
        let look = |(location, url)| self.look(location, url);
        let parallel = self.options.parallel.max(1);
        let mut databases: Vec<Skew> = stream::iter(&self.list.locations)
            .map(look)
            .buffer_unordered(parallel)
            .collect()
            .await;
        databases.sort_by(|a, b| a.location.cmp(&b.location));
        let mut versions = BTreeMap::new();
        for one in &databases {
            let unknown = one.failure.is_some() && one.version.is_none();
            let none = if unknown { "unknown" } else { "none" };
            let name = one.version.map_or_else(|| none.to_owned(), |v| v.to_string());
            *versions.entry(name).or_default() += 1;
        }
        SkewReport {
            target: self.target(),
            versions,
            databases,
        }
    }

    async fn look(&self, location: &Location, url: &SecretRef) -> Skew {
        let mut skew = Skew {
            location: location.clone(),
            version: None,
            base: None,
            pending: Vec::new(),
            held: None,
            pin: self.pin(location).cloned(),
            blocked: BTreeMap::new(),
            failure: None,
        };
        skew.failure = match session::open(url, &self.options).await {
            Err(failure) => Some(failure),
            Ok(mut connection) => {
                let filled = self.fill(&mut connection, &mut skew).await;
                let _ = tokio::time::timeout(self.options.connect_timeout, connection.close()).await;
                filled.err()
            }
        };
        skew
    }

    async fn fill(&self, connection: &mut PgConnection, skew: &mut Skew) -> Result<(), Failure> {
        skew.base = Applied::read(connection, &state::BASE).await?.last();
        let applied = Applied::read(connection, &state::SERVICE).await?;
        skew.version = applied.last();
        let pending = applied.pending(&self.migrations).into_iter();
        skew.pending = pending.map(|one| one.version).collect();
        let today = today();
        skew.held = self
            .limit(&skew.location, &applied, today)
            .map(|(_, why)| why)
            .filter(|_| !skew.pending.is_empty());
        for (version, dropped) in &self.reading.dropped {
            if skew.pending.contains(version) {
                let found = dependents::of(connection, dropped).await;
                let found = found.map_err(|error| Failure::asking(&error))?;
                if !found.is_empty() {
                    skew.blocked.entry(*version).or_default().extend(found);
                }
            }
        }
        applied.check(&self.migrations)
    }
}

impl fmt::Display for SkewReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target.map_or_else(|| "none".to_owned(), |v| v.to_string());
        writeln!(f, "{} databases, to have {target}", self.databases.len())?;
        for (version, count) in &self.versions {
            writeln!(f, "  {version}: {count}")?;
        }
        let odd = self
            .databases
            .iter()
            .filter(|one| one.failure.is_some() || !one.pending.is_empty() || one.pin.is_some());
        odd.into_iter().try_for_each(|one| write!(f, "{one}"))
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.version.map_or_else(|| "none".to_owned(), |v| v.to_string());
        writeln!(
            f,
            "{}: has {version}, lacks {}",
            self.location,
            self.pending.len()
        )?;
        if let Some(failure) = &self.failure {
            writeln!(f, "  {failure}")?;
        }
        if let Some(held) = &self.held {
            writeln!(f, "  {held}")?;
        }
        if let Some(pin) = self.pin.as_ref().filter(|pin| !pin.holds(today())) {
            writeln!(
                f,
                "  its pin at {} ended on {}: {}",
                pin.version, pin.until, pin.reason
            )?;
        }
        for (version, found) in &self.blocked {
            writeln!(f, "  blocks {version}: {}", found.join(", "))?;
        }
        Ok(())
    }
}
