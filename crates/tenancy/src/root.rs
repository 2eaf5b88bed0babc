//! The composition root.

use std::{path::Path, sync::Arc, time::Duration};

use tenancy_auth::{IdTokenVerifier, KeySource};
use tenancy_core::{Resolver, http::TenantLayer, registry::ChangeListener};
use tenancy_sql::{Databases, SqlHandle};
use tenancy_storage::{ObjectHandle, ObjectStores};

use crate::{
    BootError,
    config::{Config, ConfigError},
    sources::Sources,
    telemetry,
};

/// Everything a service needs to be tenant-aware, built once at boot.
///
/// Cheap to clone. Dropping the last clone ends the listener for the registry's changes.
#[derive(Clone)]
pub struct Tenancy {
    pub(crate) config: Arc<Config>,
    databases: Databases,
    objects: Option<ObjectStores>,
    layer: TenantLayer,
    _listener: Option<Arc<ChangeListener>>,
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
        let databases = Databases::new(config.sql.locations.clone(), config.sql.pool_options());
        databases.verify().await?;
        let objects = objects(&config)?;
        let resolver = Resolver::new(
            sources.directory,
            sources.memberships,
            config.deployment(),
            config.hosts(),
        );
        let timeout = Duration::from_secs(config.deployment.request_timeout_seconds);
        let layer = TenantLayer::new(Arc::new(verifier(&config)?), Arc::new(resolver), timeout)
            .with_on_span(telemetry::with_parent);
        Ok(Self {
            config: Arc::new(config),
            databases,
            objects,
            layer,
            _listener: sources.listener,
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
        let name = name
            .parse()
            .map_err(|e| tenancy_core::Error::internal("no name of a store").with_source(e))?;
        let stores = self.objects.as_ref();
        let stores =
            stores.ok_or_else(|| tenancy_core::Error::internal("`objects.root` is not configured"))?;
        Ok(stores.handle(name))
    }

    /// The layer that gives each request its tenant: for the routes that need one.
    #[must_use]
    pub fn layer(&self) -> TenantLayer {
        self.layer.clone()
    }
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

fn verifier(config: &Config) -> Result<IdTokenVerifier, ConfigError> {
    let project = config.identity.project.parse();
    let project = project
        .map_err(|e: tenancy_auth::ParseProjectError| ConfigError::key("identity.project", e.to_string()))?;
    let keys = match &config.identity.keys {
        None => KeySource::google(),
        Some(url) => KeySource::at(
            url.parse()
                .map_err(|e: tenancy_auth::ParseUrlError| ConfigError::key("identity.keys", e.to_string()))?,
        ),
    };
    Ok(IdTokenVerifier::new(project, keys))
}
