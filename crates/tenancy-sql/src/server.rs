//! One server that a database is read from, or written to.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use tenancy_core::{Location, SecretRef};

use crate::{pool::Pool, target::Target};

/// Where a database is: its primary's URL, and those of its replicas.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DatabaseUrls {
    /// Where the URL of the primary is.
    pub primary: SecretRef,
    /// Where the URLs of its hot standbys are. Each is a pool of its own within the budget; several servers behind one URL
    /// are one. They are read by who says how old a state may be: [`read_within`](crate::SqlHandle::read_within).
    pub replicas: Vec<SecretRef>,
}

impl DatabaseUrls {
    /// Without replicas.
    #[must_use]
    pub fn new(primary: SecretRef) -> Self {
        Self {
            primary,
            replicas: Vec::new(),
        }
    }

    /// With these replicas.
    #[must_use]
    pub fn replicas(self, replicas: Vec<SecretRef>) -> Self {
        Self { replicas, ..self }
    }

    pub(crate) fn without_replicas(locations: BTreeMap<Location, SecretRef>) -> BTreeMap<Location, Self> {
        let urls = |(location, url)| (location, Self::new(url));
        locations.into_iter().map(urls).collect()
    }
}

/// One server, and its pool while there is one.
pub(crate) struct Server {
    /// By which the budget knows it.
    pub(crate) number: u64,
    pub(crate) target: Arc<Target>,
    pub(crate) pool: Mutex<Option<Pool>>,
}

impl Server {
    pub(crate) fn new(number: u64, url: SecretRef) -> Self {
        Self {
            number,
            target: Arc::new(Target::new(url)),
            pool: Mutex::new(None),
        }
    }

    /// Closes what idles since then or longer, and forgets a pool that has nothing left.
    pub(crate) fn sweep(&self, since: tokio::time::Instant) {
        let mut pool = self.pool.lock();
        if pool.as_ref().is_some_and(|pool| pool.evict_idle_since(since)) {
            *pool = None;
        }
    }
}
