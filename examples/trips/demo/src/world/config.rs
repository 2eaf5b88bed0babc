//! What a deployment is given: a configuration, and files with the secrets that it names.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};
use tenancy_testkit::ServiceKey;

use super::{
    DOMAIN, PROJECT, Result, Service, Store, Target,
    failure::While,
    role::RegistryRole,
    secrets::{folder, keep, write},
};

/// A deployment: its folder, and all that it may reach.
pub(super) struct Deployment<'w> {
    pub(super) target: Target,
    pub(super) folder: PathBuf,
    pub(super) registry: RegistryRole,
    pub(super) stores: Vec<&'w Store>,
    pub(super) keys: String,
    pub(super) service_keys: ServiceKeys,
    pub(super) rates: Rates,
}

/// Whether tenants may ask as often as their plans say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rates {
    /// As the spec's plans say: 100 requests a minute on the Free tier.
    Sold,
    /// As often as they like: for tests of everything else.
    Unlimited,
}

impl Rates {
    fn plans(self) -> Value {
        let unlimited =
            json!({ "requests_per_minute": "unlimited", "user_requests_per_minute": "unlimited" });
        match self {
            Self::Sold => json!({}),
            Self::Unlimited => json!({ "free": unlimited, "standard": unlimited }),
        }
    }
}

/// A key for each service of one deployment, and of no other.
pub(super) struct ServiceKeys {
    itineraries: ServiceKey,
    social: ServiceKey,
}

impl ServiceKeys {
    pub(super) fn new() -> Self {
        Self {
            itineraries: ServiceKey::ed25519(),
            social: ServiceKey::es256(),
        }
    }

    fn of(&self, service: Service) -> &ServiceKey {
        match service {
            Service::Itineraries => &self.itineraries,
            Service::Social => &self.social,
        }
    }
}

impl Deployment<'_> {
    /// Where its buckets are.
    pub(super) fn objects(folder: &Path) -> PathBuf {
        folder.join("objects")
    }

    /// Writes the secrets that all its services share.
    pub(super) fn prepare(&self) -> Result<()> {
        folder(&self.folder.join("secrets"))?;
        folder(&Self::objects(&self.folder))?;
        keep(&self.secret("registry"), &self.registry.url).map(drop)
    }

    /// Writes the configuration of one service: it gets the databases that it asks for, and no other. `peers` are the services that
    /// run already, which it may call.
    pub(super) fn write(&self, service: Service, peers: &[(Service, String)]) -> Result<PathBuf> {
        let mut locations = Map::new();
        for store in self.stores.iter().filter(|store| service.uses(&store.name)) {
            let reference = keep(&self.secret(store.location.as_str()), &store.database.runtime_url)?;
            locations.insert(store.location.as_str().to_owned(), reference.into());
        }
        let registry = format!("file:{}", self.secret("registry").display());
        let sections = [
            ("deployment", Some(self.section())),
            ("identity", Some(json!({ "project": PROJECT, "keys": self.keys }))),
            ("registry", Some(json!({ "url": registry }))),
            ("service", Some(self.service(service, peers)?)),
            ("plans", Some(self.rates.plans())),
            // everybody here has the address of this machine
            ("limits", Some(json!({ "address_per_minute": "unlimited" }))),
            (
                "sql",
                Some(json!({ "locations": locations, "max_connections": 4 })),
            ),
            (
                "objects",
                service
                    .stores_objects()
                    .then(|| json!({ "root": Self::objects(&self.folder) })),
            ),
        ];
        let config: BTreeMap<&str, Value> = sections
            .into_iter()
            .filter_map(|(name, section)| Some((name, section?)))
            .collect();
        let path = self.folder.join(format!("{service}.toml"));
        write(
            &path,
            &toml::to_string(&config).during(|| format!("configure {service}"))?,
        )?;
        Ok(path)
    }

    /// Its own key, which this deployment alone has, and the public ones of who may call it.
    fn service(&self, service: Service, peers: &[(Service, String)]) -> Result<Value> {
        let mut trusted = Map::new();
        for caller in service.called_by() {
            let path = self.folder.join(format!("{caller}.jwks"));
            write(&path, &self.service_keys.of(*caller).jwks())?;
            let keys = format!("file:{}", path.display());
            trusted.insert(caller.name().to_owned(), json!({ "keys": keys }));
        }
        let key = keep(
            &self.secret(&format!("{service}.key")),
            &self.service_keys.of(service).pem().into(),
        )?;
        let peers = peers
            .iter()
            .map(|(peer, url)| (peer.name().to_owned(), url.clone().into()));
        Ok(json!({
            "name": service.name(),
            "keys": [key],
            "permissions": service.own_permissions(),
            "trusted": trusted,
            "peers": peers.collect::<Map<_, _>>(),
        }))
    }

    fn section(&self) -> Value {
        // the address itself is a host too, so that plain `curl` lines work
        let hosts = ["127.0.0.1"];
        match self.target {
            Target::Shared => json!({ "mode": "shared", "domain": DOMAIN, "hosts": hosts }),
            Target::Pinned(tenant) => {
                json!({ "mode": "pinned", "tenant": tenant, "domain": DOMAIN, "hosts": hosts })
            }
        }
    }

    fn secret(&self, name: &str) -> PathBuf {
        self.folder.join("secrets").join(name)
    }
}
