//! The composition root.

use std::{path::Path, sync::Arc, time::Duration};

use tenancy_auth::Authenticator;
use tenancy_core::{
    JobLedger, Resolver, StoreName, TenantList,
    http::{ForwardedLayer, HintLayer, TenantLayer},
};
#[cfg(feature = "documents")]
use tenancy_documents::{DocumentHandle, DocumentStores};
#[cfg(feature = "graph")]
use tenancy_graph::{GraphHandle, GraphStores};
use tenancy_limits::{NearLimit, TenantLimits};
use tenancy_sql::{Databases, SqlHandle};
use tenancy_storage::{ObjectHandle, ObjectStores};
use tokio::sync::broadcast::Receiver;

use crate::{
    BootError,
    config::{Config, ConfigError},
    once::Once,
    services::Services,
    sources::{Sources, Upkeep},
    telemetry,
    users::verifier,
};

/// Everything a service needs to be tenant-aware, built once at boot.
///
/// Cheap to clone. Dropping the last clone ends the listener for the registry's changes.
#[derive(Clone)]
pub struct Tenancy {
    pub(crate) config: Arc<Config>,
    databases: Databases,
    objects: Option<ObjectStores>,
    #[cfg(feature = "documents")]
    documents: Option<DocumentStores>,
    #[cfg(feature = "graph")]
    graphs: Option<GraphStores>,
    hints: HintLayer,
    layer: TenantLayer,
    limits: Arc<TenantLimits>,
    pub(crate) resolver: Arc<Resolver>,
    pub(crate) services: Arc<Services>,
    pub(crate) tenants: Arc<dyn TenantList>,
    pub(crate) ledger: Arc<dyn JobLedger>,
    _upkeep: Option<Arc<Upkeep>>,
}

impl Tenancy {
    /// Builds everything from a configuration file, and proves that every database it names isolates tenants.
    ///
    /// # Errors
    ///
    /// [`BootError`], with the key, the role or the table at fault and what mends it. A service that gets one must not
    /// serve.
    pub async fn from_config(path: impl AsRef<Path>) -> Result<Self, BootError> {
        Self::new(Config::load(path)?).await
    }

    /// The same from a configuration that was loaded.
    ///
    /// # Errors
    ///
    /// As [`from_config`](Self::from_config).
    pub async fn new(config: Config) -> Result<Self, BootError> {
        tenancy_auth::install_crypto();
        let sources = Sources::new(&config)?;
        sources.prove(&config).await?;
        config.sql.note_sharing();
        let databases = Databases::with_replicas(
            config.sql.urls(),
            config.sql.pool_options(config.deployment.deployment()),
        );
        databases.verify().await?;
        let objects = objects(&config)?;
        #[cfg(feature = "documents")]
        let documents = config
            .documents
            .as_ref()
            .map(|section| section.stores())
            .transpose()?;
        #[cfg(feature = "graph")]
        let graphs = config.graph.as_ref().map(|section| section.stores());
        let limits = Arc::new(limits(&config).await?);
        let resolver = resolver(&config, &sources)?;
        let resolver = Arc::new(resolver);
        let hints = HintLayer::new(Arc::clone(&resolver)).with_limits(Arc::clone(&limits) as _);
        let once = Once::new(&config).await?;
        let services = Services::new(&config, verifier(&config)?, once.guard)?;
        let authenticator = services.authenticator();
        let layer = layer(&config, authenticator, &resolver).with_limits(Arc::clone(&limits) as _);
        Ok(Self {
            config: Arc::new(config),
            databases,
            objects,
            #[cfg(feature = "documents")]
            documents,
            #[cfg(feature = "graph")]
            graphs,
            hints,
            layer,
            limits,
            resolver,
            services: Arc::new(services),
            tenants: sources.tenants,
            ledger: once.ledger,
            _upkeep: sources.upkeep,
        })
    }

    /// A handle to a logical database. Opens nothing: the tenant's placement says where it is when it is used.
    ///
    /// # Errors
    ///
    /// `Internal` when `name` is no name of a logical database.
    pub fn sql(&self, name: &str) -> tenancy_core::Result<SqlHandle> {
        let name = name
            .parse()
            .map_err(|e| tenancy_core::Error::internal("no name of a database").with_source(e))?;
        Ok(self.databases.handle(name))
    }

    /// A handle to a logical object store.
    ///
    /// # Errors
    ///
    /// `Internal` when `name` is no name of an object store, or the configuration has no `objects` section.
    pub fn objects(&self, name: &str) -> tenancy_core::Result<ObjectHandle> {
        let stores = self.objects.as_ref();
        let stores =
            stores.ok_or_else(|| tenancy_core::Error::internal("`objects.root` is not configured"))?;
        Ok(stores.handle(store(name)?))
    }

    /// A handle to a logical document store.
    ///
    /// # Errors
    ///
    /// `Internal` when `name` is no name of a store, or the configuration has no `documents` section.
    #[cfg(feature = "documents")]
    pub fn documents(&self, name: &str) -> tenancy_core::Result<DocumentHandle> {
        let stores = self.documents.as_ref();
        let stores = stores.ok_or_else(|| tenancy_core::Error::internal("`documents` is not configured"))?;
        Ok(stores.handle(store(name)?))
    }

    /// A handle to a logical graph.
    ///
    /// # Errors
    ///
    /// `Internal` when `name` is no name of a graph, or the configuration has no `graph` section.
    #[cfg(feature = "graph")]
    pub fn graph(&self, name: &str) -> tenancy_core::Result<GraphHandle> {
        let stores = self.graphs.as_ref();
        let stores = stores.ok_or_else(|| tenancy_core::Error::internal("`graph` is not configured"))?;
        Ok(stores.handle(store(name)?))
    }

    /// The layer that gives each request its tenant: for the routes that need one.
    #[must_use]
    pub fn layer(&self) -> TenantLayer {
        self.layer.clone()
    }

    /// The layer for routes that need no token, and want to know whose host it is: their handlers may take a
    /// [`HintedTenant`](crate::HintedTenant), which opens no store. Each look-up counts against the address's rate.
    #[must_use]
    pub fn hints(&self) -> HintLayer {
        self.hints.clone()
    }

    /// Hears from now on of tenants and users that have used four fifths of a rate, in this process: to write to them before they
    /// are refused. Who is slow loses the oldest, and is told how many: 256 wait.
    #[must_use]
    pub fn near_limits(&self) -> Receiver<NearLimit> {
        self.limits.near_limits()
    }

    /// The layer that reads what trusted proxies say of client and host. [`serve`](Self::serve) puts it around the router; a
    /// server of your own does, outside of every other layer, and tells it the peer:
    /// `into_make_service_with_connect_info::<SocketAddr>()` of axum's.
    #[must_use]
    pub fn forwarded(&self) -> ForwardedLayer {
        ForwardedLayer::new(self.config.deployment.proxies())
    }
}

fn store(name: &str) -> tenancy_core::Result<StoreName> {
    name.parse()
        .map_err(|e| tenancy_core::Error::internal("no name of a store").with_source(e))
}

fn objects(config: &Config) -> Result<Option<ObjectStores>, ConfigError> {
    let Some(section) = &config.objects else {
        return Ok(None);
    };
    let stores = ObjectStores::local(&section.root);
    stores
        .map(Some)
        .map_err(|e| ConfigError::key("objects.root", e.log().unwrap_or("it can't be used")))
}

fn resolver(config: &Config, sources: &Sources) -> Result<Resolver, ConfigError> {
    let resolver = Resolver::new(
        Arc::clone(&sources.directory),
        Arc::clone(&sources.memberships),
        config.deployment.deployment(),
        config.deployment.host_policy(),
    );
    let resolver = resolver.with_plans(config.plans.clone());
    resolver
        .with_audit(config.audit.sink()?)
        .with_rules(config.resolution)
        .map_err(|error| ConfigError::key("resolution", error.to_string()))
}

fn layer(config: &Config, authenticator: Authenticator, resolver: &Arc<Resolver>) -> TenantLayer {
    let timeout = Duration::from_secs(config.deployment.request_timeout_seconds);
    TenantLayer::new(Arc::new(authenticator), Arc::clone(resolver), timeout)
        .with_tenant_labels(config.telemetry.tenant_labels)
        .with_on_span(telemetry::with_parent)
}

async fn limits(config: &Config) -> Result<TenantLimits, ConfigError> {
    match config.limits.settings(config.deployment.deployment())? {
        (limits, None) => Ok(TenantLimits::local(limits)),
        (limits, Some(redis)) => TenantLimits::shared(limits, redis)
            .await
            .map_err(|error| ConfigError::key("limits.redis", error.to_string())),
    }
}
