//! Who answers which tenants and members there are.

use std::sync::Arc;

use tenancy_auth::PgMemberships;
use tenancy_core::{
    CachedMemberships, Deployment, Directory, Kind, Memberships, StaticMemberships, TenantId, TenantKey,
    TenantList,
    directory::{CachedDirectory, LastKnown, LastKnownKeeper, PgDirectory, PinnedDirectory, StaticDirectory},
    registry::{Access, ChangeListener, RegistryClient, connect_options},
};

use crate::{
    BootError,
    config::{Config, ConfigError, DirectoryFile, DirectorySection, LastKnownSection, RegistrySection},
};

/// The directory and the memberships of a deployment, and what keeps them true.
pub(crate) struct Sources {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) memberships: Arc<dyn Memberships>,
    pub(crate) tenants: Arc<dyn TenantList>,
    pub(crate) upkeep: Option<Arc<Upkeep>>,
    registry: Option<RegistryClient>,
    /// Whether an earlier process left answers to go on from.
    restored: bool,
}

/// What works beside the requests, until it is dropped.
pub(crate) struct Upkeep {
    _listener: ChangeListener,
    _keeper: Option<LastKnownKeeper>,
}

impl Sources {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        let mut sources = match (&config.registry, &config.directory) {
            (Some(registry), _) => Self::registry(registry, config.deployment.deployment()),
            (None, Some(directory)) => Self::file(directory),
            (None, None) => Err(ConfigError::key("registry.url", "missing")),
        }?;
        if let Deployment::Pinned(pin) = config.deployment.deployment() {
            let pinned = Arc::new(PinnedDirectory::new(sources.directory, pin));
            (sources.directory, sources.tenants) = (Arc::clone(&pinned) as Arc<dyn Directory>, pinned);
        }
        Ok(sources)
    }

    fn registry(section: &RegistrySection, deployment: Deployment) -> Result<Self, ConfigError> {
        let refuse = |problem: String| ConfigError::key("registry.url", problem);
        let url = section.url.reveal().map_err(|e| refuse(e.to_string()))?;
        let options = connect_options(&url).map_err(|e| refuse(e.to_string()))?;
        let access = match deployment {
            Deployment::Pinned(_) => Access::Pinned,
            Deployment::Shared => Access::Shared,
        };
        let client = RegistryClient::new(options, access);
        let last_known = section.last_known.as_ref();
        let last_known = last_known.map(|section| last_known_of(section, deployment, client.address()));
        let last_known = last_known.transpose()?;
        let tenants = Arc::new(PgDirectory::new(client.clone()));
        let source = Arc::clone(&tenants) as Arc<dyn Directory>;
        let directory = Arc::new(CachedDirectory::with_options(source, section.cache()));
        let memberships = CachedMemberships::new(Arc::new(PgMemberships::new(client.clone())), &directory);
        let memberships = Arc::new(memberships);
        let keeper = last_known.map(|last| last.keep(Arc::clone(&directory), Arc::clone(&memberships)));
        let listener = ChangeListener::spawn(&client, directory.freshness());
        Ok(Self {
            restored: !directory.is_empty(),
            directory,
            memberships,
            tenants,
            upkeep: Some(Arc::new(Upkeep {
                _listener: listener,
                _keeper: keeper,
            })),
            registry: Some(client),
        })
    }

    /// Proves that who answers does so for this deployment, and that it can do no more than ask.
    ///
    /// A registry that does not answer proves nothing; a deployment that an earlier process left answers to starts
    /// nevertheless.
    pub(crate) async fn prove(&self, config: &Config) -> Result<(), BootError> {
        let proven = match prove(config, self.directory.as_ref()).await {
            Ok(()) => self.prove_confined().await,
            refused => refused,
        };
        match proven {
            Err(BootError::Registry(why)) if self.restored && self.is_down().await => {
                tracing::warn!(
                    why,
                    "the registry proves nothing now: starting from the last known answers"
                );
                Ok(())
            }
            proven => proven,
        }
    }

    async fn prove_confined(&self) -> Result<(), BootError> {
        let Some(registry) = &self.registry else {
            return Ok(());
        };
        let excess = registry.excess().await;
        match excess.map_err(|error| BootError::Registry(error.log().unwrap_or("it failed").to_owned()))? {
            None => Ok(()),
            Some(excess) => Err(BootError::Registry(format!(
                "its role {excess}; `registry.url` has to name a role that the registry granted to a deployment"
            ))),
        }
    }

    async fn is_down(&self) -> bool {
        match &self.registry {
            Some(registry) => {
                matches!(registry.excess().await, Err(error) if error.kind() == Kind::Unavailable)
            }
            None => false,
        }
    }

    fn file(section: &DirectorySection) -> Result<Self, ConfigError> {
        let file = DirectoryFile::load(&section.file).map_err(|e| e.in_file(&section.file))?;
        let members = file.members().map_err(|e| e.in_file(&section.file))?;
        let directory = StaticDirectory::new(file.tenants)
            .map_err(|e| ConfigError::key("directory.file", e.to_string()))?;
        let directory = Arc::new(directory);
        Ok(Self {
            directory: Arc::clone(&directory) as Arc<dyn Directory>,
            tenants: directory,
            memberships: Arc::new(StaticMemberships::new(members)),
            upkeep: None,
            registry: None,
            restored: false,
        })
    }
}

/// The file of the last known answers: this deployment's at this registry, and no other's.
fn last_known_of(
    section: &LastKnownSection,
    deployment: Deployment,
    address: &str,
) -> Result<LastKnown, ConfigError> {
    let whose = match deployment {
        Deployment::Pinned(pin) => format!("pinned to {pin}"),
        Deployment::Shared => "shared".to_owned(),
    };
    LastKnown::new(&section.file, &section.key, format!("{whose} at {address}"))
        .map_err(|e| ConfigError::key("registry.last_known.key", e.to_string()))
}

/// A deployment whose directory does not answer for it would refuse everybody: it says so at start.
async fn prove(config: &Config, directory: &dyn Directory) -> Result<(), BootError> {
    let pin = match config.deployment.deployment() {
        Deployment::Pinned(pin) => Some(pin),
        Deployment::Shared => None,
    };
    // a shared one's is asked for a tenant that nobody has: whether it answers is the question
    let key = TenantKey::Id(pin.unwrap_or_else(TenantId::new));
    match (directory.lookup(&key).await, pin) {
        (Ok(None), Some(pin)) if config.registry.is_none() => {
            let problem = format!("it has no tenant `{pin}`, which `deployment.tenant` names");
            Err(ConfigError::key("directory.file", problem).into())
        }
        (Ok(None), Some(pin)) => Err(BootError::Registry(format!(
            "its role does not belong to the tenant `{pin}`"
        ))),
        (Ok(_), _) => Ok(()),
        (Err(error), _) => Err(BootError::Registry(unanswered(&error, pin))),
    }
}

fn unanswered(error: &tenancy_core::Error, pin: Option<TenantId>) -> String {
    let why = error.log().unwrap_or("it failed");
    match (error.kind(), pin) {
        (Kind::Unavailable, _) => why.to_owned(),
        (_, Some(pin)) => {
            format!("{why}; `registry.url` has to name a role that is pinned to the tenant `{pin}`")
        }
        (_, None) => {
            format!("{why}; `registry.url` has to name a registry, and a role of a shared deployment there")
        }
    }
}

#[cfg(test)]
mod tests {
    use tenancy_core::{Error, TenantRecord};

    use super::*;

    /// A directory that knows nobody, or does not answer.
    struct Answer(fn() -> tenancy_core::Result<Option<Arc<TenantRecord>>>);

    #[async_trait::async_trait]
    impl Directory for Answer {
        async fn lookup(&self, _: &TenantKey) -> tenancy_core::Result<Option<Arc<TenantRecord>>> {
            (self.0)()
        }
    }

    const REGISTRY: &str = "registry = { url = \"env:REGISTRY\" }";
    const FILE: &str = "directory = { file = \"tenants.toml\" }";

    async fn refusal(
        pinned: bool,
        source: &str,
        answer: fn() -> tenancy_core::Result<Option<Arc<TenantRecord>>>,
    ) -> Option<String> {
        let mode = match pinned {
            true => format!("mode = \"pinned\", tenant = \"{}\"", TenantId::new()),
            false => "mode = \"shared\"".to_owned(),
        };
        let text = format!(
            "deployment = {{ {mode}, domain = \"app.example.com\" }}\nidentity = {{ project = \"demo-trips\" }}\n{source}"
        );
        let config = toml::from_str::<Config>(&text).unwrap();
        let proven = prove(&config, &Answer(answer)).await;
        proven.err().map(|error| format!("{error:?}"))
    }

    #[tokio::test]
    async fn a_directory_that_does_not_answer_for_the_deployment_is_refused_at_start() {
        let denied = || Err(Error::internal("SQLSTATE 42501"));
        let down = || Err(Error::unavailable("the database can't be reached"));
        assert_eq!(refusal(false, REGISTRY, || Ok(None)).await, None);
        for (pinned, source, answer, says) in [
            (
                false,
                REGISTRY,
                denied as fn() -> _,
                "42501; `registry.url` has to name a registry",
            ),
            (
                true,
                REGISTRY,
                denied,
                "42501; `registry.url` has to name a role that is pinned",
            ),
            (false, REGISTRY, down, "the database can't be reached"),
            (
                true,
                REGISTRY,
                || Ok(None),
                "its role does not belong to the tenant",
            ),
            (true, FILE, || Ok(None), "`directory.file`: it has no tenant"),
        ] {
            let refusal = refusal(pinned, source, answer).await.unwrap();
            assert!(refusal.contains(says), "{refusal}");
        }
    }
}
