//! How much of a platform there is.

use std::path::Path;

use tenancy_testkit::Redis;

use super::{
    Failure, Operators, Result, Service, Sessions, Target, Tenant, World, failure::While, instance::Instance,
};

/// How much of a platform there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it. Tenants may ask as often as the spec's plans say (100 requests a minute on the Free tier), and two replicas of the
    /// shared `itineraries` hold that together, through Redis. `itineraries` takes browsers' session cookies, and operators of the
    /// platform with a grant.
    Whole,
    /// For tests of everything else: tenants ask as often as they like, once a service runs, and nobody but tokens gets in.
    Plain,
}

/// What a whole platform has beside PostgreSQL, its registry and its services.
pub(super) struct Whole {
    pub(super) sessions: Sessions,
    pub(super) operators: Operators,
    pub(super) redis: Redis,
}

impl Whole {
    /// `folder` is the control plane's own.
    pub(super) async fn start(folder: &Path, tenants: &[Tenant]) -> Result<Self> {
        Ok(Self {
            sessions: Sessions::start(tenants).await?,
            operators: Operators::new(folder)?,
            redis: Redis::start_with_password()
                .await
                .during(|| "start Redis".to_owned())?,
        })
    }
}

impl World {
    /// Where each replica of a deployment's service listens.
    #[must_use]
    pub fn replicas(&self, target: Target, service: Service) -> Vec<String> {
        let replicas = self
            .instances
            .iter()
            .filter(|i| i.target == target && i.service == service);
        replicas.map(Instance::url).collect()
    }

    /// Browsers' sessions.
    ///
    /// # Errors
    ///
    /// When the world is a plain one.
    pub fn sessions(&self) -> Result<&Sessions> {
        self.whole().map(|whole| &whole.sessions)
    }

    /// Who lets operators of the platform in.
    ///
    /// # Errors
    ///
    /// When the world is a plain one.
    pub fn operators(&self) -> Result<&Operators> {
        self.whole().map(|whole| &whole.operators)
    }

    fn whole(&self) -> Result<&Whole> {
        let whole = self.whole.as_ref();
        whole.ok_or_else(|| Failure::new("look for it", "the world is a plain one"))
    }
}
