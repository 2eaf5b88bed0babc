//! The composition root.

use std::{path::Path, sync::Arc, time::Duration};

use tenancy_auth::{IdTokenVerifier, KeySource, PgMemberships};
use tenancy_core::{
    CachedMemberships, Deployment, Directory, Invalidator, Memberships, Resolver, StaticMemberships,
    TenantKey,
    directory::{CachedDirectory, PgDirectory, PinnedDirectory, StaticDirectory},
    http::TenantLayer,
    registry::{Access, ChangeListener, RegistryClient, connect_options},
};
use tenancy_sql::{Databases, SqlHandle};
use tenancy_storage::{ObjectHandle, ObjectStores};

use crate::config::{Config, ConfigError, DirectoryFile, Mode};

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

/// Why a service does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BootError {
    /// The configuration is wrong.
    #[error("the configuration is refused")]
    Config(#[from] ConfigError),
    /// A database can't isolate tenants, or could not be asked.
    #[error("the databases can't be proven to isolate tenants")]
    Unsafe(#[from] tenancy_sql::Unsafe),
    /// The registry does not answer, or does not answer for the pinned tenant.
    #[error("the registry does not answer for this deployment: {0}")]
    Registry(String),
}

type Sources = (
    Arc<dyn Directory>,
    Arc<dyn Memberships>,
    Option<Arc<ChangeListener>>,
);

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
        let (directory, memberships, listener) = sources(&config)?;
        prove_pin(&config, directory.as_ref()).await?;
        let databases = Databases::new(config.sql.locations.clone(), config.sql.pool_options());
        databases.verify().await?;
        let objects = config
            .objects
            .as_ref()
            .map(|section| ObjectStores::local(&section.root))
            .transpose();
        let objects =
            objects.map_err(|e| ConfigError::key("objects.root", e.log().unwrap_or("it can't be used")))?;
        let resolver = Resolver::new(directory, memberships, config.deployment(), config.hosts());
        let timeout = Duration::from_secs(config.deployment.request_timeout_seconds);
        let layer = TenantLayer::new(Arc::new(verifier(&config)?), Arc::new(resolver), timeout);
        Ok(Self {
            config: Arc::new(config),
            databases,
            objects,
            layer,
            _listener: listener,
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

fn sources(config: &Config) -> Result<Sources, BootError> {
    let (directory, memberships, listener): Sources = match (&config.registry, &config.directory) {
        (Some(registry), _) => {
            let refuse = |problem: String| ConfigError::key("registry.url", problem);
            let url = registry.url.reveal().map_err(|e| refuse(e.to_string()))?;
            let options = connect_options(&url).map_err(|e| refuse(e.to_string()))?;
            let access = if config.deployment.mode == Mode::Pinned {
                Access::Pinned
            } else {
                Access::Shared
            };
            let client = RegistryClient::new(options, access);
            let invalidator = Invalidator::default();
            let directory = CachedDirectory::new(Arc::new(PgDirectory::new(client.clone())), &invalidator);
            let memberships =
                CachedMemberships::new(Arc::new(PgMemberships::new(client.clone())), &invalidator);
            let listener = ChangeListener::spawn(&client, invalidator);
            (
                Arc::new(directory),
                Arc::new(memberships),
                Some(Arc::new(listener)),
            )
        }
        (None, Some(section)) => {
            let file = DirectoryFile::load(&section.file)?;
            let members = StaticMemberships::new(file.members()?);
            let directory = StaticDirectory::new(file.tenants)
                .map_err(|e| ConfigError::key("directory.file", e.to_string()))?;
            (Arc::new(directory), Arc::new(members), None)
        }
        (None, None) => return Err(ConfigError::key("registry.url", "missing").into()),
    };
    Ok(match config.deployment() {
        Deployment::Pinned(pin) => (
            Arc::new(PinnedDirectory::new(directory, pin)),
            memberships,
            listener,
        ),
        Deployment::Shared => (directory, memberships, listener),
    })
}

/// A pinned deployment whose directory does not know its tenant would refuse everybody: it says so at start.
async fn prove_pin(config: &Config, directory: &dyn Directory) -> Result<(), BootError> {
    let Deployment::Pinned(pin) = config.deployment() else {
        return Ok(());
    };
    match directory.lookup(&TenantKey::Id(pin)).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(BootError::Registry(format!(
            "its role does not belong to the tenant `{pin}`"
        ))),
        Err(error) => Err(BootError::Registry(error.log().unwrap_or("it failed").to_owned())),
    }
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
