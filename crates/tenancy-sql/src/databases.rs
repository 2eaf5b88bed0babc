//! The physical databases a deployment knows.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

use sqlx::postgres::PgConnectOptions;
use tenancy_core::{DatabaseName, Error, Location, Result, SecretRef, registry::connect_options};

use crate::{
    PoolOptions, SqlHandle,
    audit::{self, Report, Unsafe},
    pool::Pool,
};

/// The physical databases a deployment knows, by location. Cheap to clone. A pool is made when its first tenant comes.
#[derive(Clone)]
pub struct Databases {
    inner: Arc<Inner>,
}

struct Inner {
    places: BTreeMap<Location, Place>,
    options: PoolOptions,
}

struct Place {
    url: SecretRef,
    /// What was read from `url` once: what is proven is what is served from, whatever becomes of the secret.
    connect: OnceLock<PgConnectOptions>,
    pool: OnceLock<Pool>,
}

impl Databases {
    /// Databases whose URLs are where the references say. Reads no secret and connects to nothing yet.
    #[must_use]
    pub fn new(locations: BTreeMap<Location, SecretRef>, options: PoolOptions) -> Self {
        let place = |url| Place {
            url,
            connect: OnceLock::new(),
            pool: OnceLock::new(),
        };
        let places = locations
            .into_iter()
            .map(|(location, url)| (location, place(url)));
        Self {
            inner: Arc::new(Inner {
                places: places.collect(),
                options,
            }),
        }
    }

    /// Proves that every database isolates tenants, as seen by the role that will serve: [`audit`](Self::audit), of which an
    /// error refuses, and the rest is logged.
    ///
    /// # Errors
    ///
    /// [`Unsafe`], with every error and the statement that mends it, or why a database could not be asked. A service that
    /// gets one must not serve.
    pub async fn verify(&self) -> Result<(), Unsafe> {
        let reports = self.audit().await?;
        reports
            .iter()
            .try_for_each(|(location, report)| audit::judge(location, report))
    }

    /// Audits every database, as seen by the role that will serve, and exports what was found as the gauge
    /// `tenancy_sql_audit_findings`. Some twenty-five round trips a database (fifteen of them over four more connections, to see
    /// a pooler), one database after another, within twenty seconds each.
    ///
    /// # Errors
    ///
    /// [`Unsafe`], when a database could not be asked.
    pub async fn audit(&self) -> Result<Vec<(Location, Report)>, Unsafe> {
        let mut reports = Vec::with_capacity(self.inner.places.len());
        for (location, place) in &self.inner.places {
            let connect = place
                .connect()
                .map_err(|reason| Unsafe::unanswered(location, reason))?;
            reports.push((location.clone(), audit::audit(location, connect).await?));
        }
        audit::record(reports.iter().map(|(_, report)| report));
        Ok(reports)
    }

    /// A handle to a logical database.
    #[must_use]
    pub fn handle(&self, name: DatabaseName) -> SqlHandle {
        SqlHandle::new(self.clone(), name)
    }

    pub(crate) fn pool(&self, location: &Location) -> Result<&Pool> {
        let place = self.inner.places.get(location).ok_or_else(|| {
            // to the client a tenant that lives elsewhere does not exist here; to the operator it may be a missing line
            tracing::warn!(%location, "a tenant's database is at a location that `sql.locations` does not name");
            Error::not_found("the tenant is served by another deployment")
        })?;
        if let Some(pool) = place.pool.get() {
            return Ok(pool);
        }
        let connect = place.connect().map_err(Error::unavailable)?;
        Ok(place
            .pool
            .get_or_init(|| Pool::new(connect.clone(), self.inner.options.clone())))
    }
}

impl Place {
    /// The reason of a failure names the reference and never what is behind it.
    fn connect(&self) -> Result<&PgConnectOptions, String> {
        if let Some(connect) = self.connect.get() {
            return Ok(connect);
        }
        let url = self
            .url
            .reveal()
            .map_err(|error| format!("`{}`: {error}", self.url))?;
        let connect = connect_options(&url).map_err(|error| format!("`{}`: {error}", self.url))?;
        Ok(self.connect.get_or_init(|| connect))
    }
}

impl fmt::Debug for Databases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Databases")
            .field("locations", &self.inner.places.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
