//! The physical databases a deployment knows.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use foldhash::fast::RandomState;
use tenancy_core::{DatabaseName, Error, Location, Result, SecretRef};
use tokio::time::Instant;

use crate::{
    Hygiene, PoolMode, PoolOptions, SqlHandle,
    audit::{self, Report, Unsafe},
    budget::{Asked, Budget, Connections, ENDING, Unit},
    pool::Pool,
    replica::Replicas,
    seal,
    server::{DatabaseUrls, Server},
    sweeper::Sweeper,
};

/// How long a connection is waited for, at most: a time that is added to the clock must not pass its end.
const LONGEST: Duration = Duration::from_secs(86_400);
/// How often what idles is looked at, at most.
const TICK: Duration = Duration::from_secs(5);

/// The physical databases a deployment knows, by location. Cheap to clone. A pool is made when its first tenant comes, and
/// forgotten when its connections have idled for too long; all of them share one budget of connections.
#[derive(Clone)]
pub struct Databases {
    inner: Arc<Inner>,
}

struct Inner {
    /// Configuration names the locations, and the registry asks for them: a fast hash serves.
    places: HashMap<Location, Arc<Place>, RandomState>,
    options: Arc<PoolOptions>,
    budget: Arc<Budget>,
    sweeper: Sweeper,
}

/// One database, with its replicas.
pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) replicas: Replicas,
}

impl Databases {
    /// Databases whose URLs are where the references say. Reads no secret and connects to nothing yet. Where the process has
    /// chosen no provider for rustls, aws-lc-rs becomes it.
    #[must_use]
    pub fn new(locations: BTreeMap<Location, SecretRef>, options: PoolOptions) -> Self {
        Self::with_replicas(DatabaseUrls::without_replicas(locations), options)
    }

    /// The same, of which some have replicas.
    #[must_use]
    pub fn with_replicas(locations: BTreeMap<Location, DatabaseUrls>, mut options: PoolOptions) -> Self {
        // rustls panics at the first connection when a dependency has switched a second provider on and none was chosen; an
        // error says that one was
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        options.acquire_timeout = options.acquire_timeout.min(LONGEST);
        let mut numbers = 0..;
        let mut server = |url| Server::new(numbers.next().unwrap_or_default(), url);
        let place = |(location, urls): (_, DatabaseUrls)| {
            let place = Place {
                server: server(urls.primary),
                replicas: Replicas::new(urls.replicas.into_iter().map(&mut server)),
            };
            (location, Arc::new(place))
        };
        Self {
            inner: Arc::new(Inner {
                places: locations.into_iter().map(place).collect(),
                budget: Arc::new(Budget::new(&options)),
                options: Arc::new(options),
                sweeper: Sweeper::default(),
            }),
        }
    }

    /// How many connections there are to all databases, and how many callers wait for one to be let go: for a gauge.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.inner.budget.connections()
    }

    /// Opens connections to a location ahead of their first use, up to so many, and up to what is left of the budget: no
    /// other's is closed for it. How many are there.
    ///
    /// # Errors
    ///
    /// `NotFound` when the deployment does not know the location, `Unavailable` when its database can't be reached.
    pub async fn warm(&self, location: &Location, connections: u32) -> Result<u32> {
        self.pool(location)?.warm(connections).await
    }

    /// Proves that every database isolates tenants, as seen by the role that will serve: [`audit`](Self::audit), of which an
    /// error refuses, and the rest is logged. The same of every replica, which must be one of its database's; one that can't
    /// be reached is left out until it can be, and proven then.
    ///
    /// # Errors
    ///
    /// [`Unsafe`], with every error and the statement that mends it, or why a database could not be asked. A service that
    /// gets one must not serve.
    pub async fn verify(&self) -> Result<(), Unsafe> {
        let options = &self.inner.options;
        if (options.mode, options.hygiene) == (PoolMode::Transaction, Hygiene::Strict) {
            tracing::warn!("`Hygiene::Strict` does no more than `Reset` in `PoolMode::Transaction`");
        }
        let reports = self.audit().await?;
        reports
            .iter()
            .try_for_each(|(location, report)| audit::judge(location, report))?;
        self.verify_replicas().await
    }

    /// Audits every database, as seen by the role that will serve, and exports what was found as the gauge
    /// `tenancy_sql_audit_findings`. Some twenty-five round trips a database (fifteen of them over four more connections, to see
    /// a pooler, which count as one of the budget), one database after another, within twenty seconds each.
    ///
    /// # Errors
    ///
    /// [`Unsafe`], when a database could not be asked.
    pub async fn audit(&self) -> Result<Vec<(Location, Report)>, Unsafe> {
        let mut reports = Vec::with_capacity(self.inner.places.len());
        for (location, place) in self.places() {
            let unanswered = |reason| Unsafe::unanswered(location, reason);
            if let Some(refusal) = seal::refusal(&self.inner.options) {
                return Err(Unsafe::unanswered(location, refusal));
            }
            let connect = place.server.target.connect().map_err(unanswered)?;
            let mut unit = self.unit(&place.server).await.map_err(unanswered)?;
            unit.opens();
            let report = audit::audit(location, &connect, self.inner.options.mode).await?;
            reports.push((location.clone(), report));
            if let Some(key) = &self.inner.options.seal {
                seal::verify(&connect, key).await.map_err(unanswered)?;
            }
            unit.ends_within(ENDING);
        }
        audit::record(reports.iter().map(|(_, report)| report));
        Ok(reports)
    }

    /// A connection beside the pools counts, too.
    pub(crate) async fn unit(&self, server: &Server) -> Result<Unit, String> {
        let units = &self.inner.budget.serving;
        let until = Instant::now() + self.inner.options.acquire_timeout;
        let reason = |error: Error| error.log().unwrap_or_default().to_owned();
        let mut turn = match units.ask(server.number, usize::MAX).map_err(reason)? {
            Asked::Has(unit) => return Ok(unit),
            Asked::Waits(turn) => turn,
        };
        while Instant::now() < until {
            let soon = tokio::time::timeout(Duration::from_millis(100), turn.unit());
            if let Ok(Some(unit)) = soon.await {
                return Ok(unit);
            }
            units.expire();
        }
        Err(reason(units.refusal()))
    }

    /// A handle to a logical database.
    #[must_use]
    pub fn handle(&self, name: DatabaseName) -> SqlHandle {
        SqlHandle::new(self.clone(), name)
    }

    pub(crate) fn options(&self) -> &PoolOptions {
        &self.inner.options
    }

    /// In the order of their names.
    pub(crate) fn places(&self) -> BTreeMap<&Location, &Arc<Place>> {
        self.inner.places.iter().collect()
    }

    pub(crate) fn place(&self, location: &Location) -> Option<&Arc<Place>> {
        self.inner.places.get(location)
    }

    pub(crate) fn pool(&self, location: &Location) -> Result<Pool> {
        let place = self.place(location).ok_or_else(|| {
            // to the client a tenant that lives elsewhere does not exist here; to the operator it may be a missing line
            tracing::warn!(%location, "a tenant's database is at a location that `sql.locations` does not name");
            Error::not_found("the tenant is served by another deployment")
        })?;
        self.pool_of(&place.server)
    }

    pub(crate) fn pool_of(&self, server: &Server) -> Result<Pool> {
        let mut pool = server.pool.lock();
        if let Some(pool) = pool.as_ref() {
            return Ok(pool.clone());
        }
        if let Some(refusal) = seal::refusal(&self.inner.options) {
            return Err(Error::internal(refusal));
        }
        let made = self.make(server)?;
        Ok(pool.insert(made).clone())
    }

    /// A pool that comes to life reads the secret again: it may have been forgotten for long.
    fn make(&self, server: &Server) -> Result<Pool> {
        let inner = &self.inner;
        server.target.refresh();
        server.target.connect().map_err(Error::unavailable)?;
        let weak = Arc::downgrade(inner);
        let tick = (inner.options.idle_timeout / 4).clamp(Duration::from_millis(10), TICK);
        inner.sweeper.ensure(tick, move || sweep(&weak));
        let (target, options) = (Arc::clone(&server.target), Arc::clone(&inner.options));
        Ok(Pool::new(
            target,
            options,
            Arc::clone(&inner.budget),
            server.number,
        ))
    }
}

/// Closes what has idled for too long, and forgets the pools that have nothing left.
fn sweep(databases: &Weak<Inner>) -> bool {
    let Some(databases) = databases.upgrade() else {
        return false;
    };
    let Some(since) = Instant::now().checked_sub(databases.options.idle_timeout) else {
        return true;
    };
    databases.budget.serving.expire();
    databases.budget.cancelling.expire();
    for place in databases.places.values() {
        place.server.sweep(since);
        place
            .replicas
            .all
            .iter()
            .for_each(|replica| replica.server.sweep(since));
    }
    true
}

impl fmt::Debug for Databases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Databases")
            .field("pools", &self.inner.budget.pools().len())
            .field("locations", &self.inner.places.keys().collect::<BTreeSet<_>>())
            .finish_non_exhaustive()
    }
}
