//! What a deployment is given: a configuration, and files with the secrets that it names.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};
use tenancy_testkit::ServiceKey;

use super::{
    DOMAIN, Operators, PROJECT, Result, Service, Sessions, Store, Target,
    extent::Whole,
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
    pub(super) whole: Option<&'w Whole>,
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
        keep(&self.secret("registry"), &self.registry.url)?;
        let Some(whole) = self.whole else {
            return Ok(());
        };
        write(&self.operators(), &whole.operators.key().jwks())?;
        if self.target == Target::Shared {
            keep(&self.secret("accounts"), &Sessions::ACCESS_TOKEN.into())?;
            keep(&self.secret("redis"), &whole.redis.url())?;
        }
        Ok(())
    }

    /// Writes the configuration of one service: it gets the databases that it asks for, and no other. `peers` are the services that
    /// run already, which it may call.
    pub(super) fn write(&self, service: Service, peers: &[(Service, String)]) -> Result<PathBuf> {
        let mut locations = Map::new();
        for store in self.stores.iter().filter(|store| service.uses(&store.name)) {
            let reference = keep(&self.secret(store.location.as_str()), &store.database.runtime_url)?;
            locations.insert(store.location.as_str().to_owned(), reference.into());
        }
        let sections = [
            ("deployment", Some(self.section())),
            ("identity", Some(self.identity(service))),
            ("registry", Some(json!({ "url": self.reference("registry") }))),
            ("service", Some(self.service(service, peers)?)),
            ("plans", Some(self.plans())),
            ("limits", Some(self.limits(service))),
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
        let mut section = Map::from_iter([
            ("name".to_owned(), service.name().into()),
            ("keys".to_owned(), json!([key])),
            ("permissions".to_owned(), json!(service.own_permissions())),
            ("trusted".to_owned(), trusted.into()),
            ("peers".to_owned(), peers.collect::<Map<_, _>>().into()),
        ]);
        if self.whole.is_some() {
            let keys = format!("file:{}", self.operators().display());
            let operators = json!({ "issuer": Operators::ISSUER, "keys": keys });
            section.insert("operators".to_owned(), operators);
        }
        Ok(section.into())
    }

    /// Cookies are for browsers, which ask `itineraries`. Accounts are looked at where the access token for it may be.
    fn identity(&self, service: Service) -> Value {
        let mut identity = Map::from_iter([
            ("project".to_owned(), PROJECT.into()),
            ("keys".to_owned(), self.keys.clone().into()),
        ]);
        let Some(Whole { sessions, .. }) = self.whole else {
            return identity.into();
        };
        if service == Service::Itineraries {
            identity.insert("session_cookie".to_owned(), sessions.cookie_section());
        }
        if self.target == Target::Shared {
            let looks = sessions.revocation_section(&self.reference("accounts"));
            identity.insert("revocation".to_owned(), looks);
        }
        identity.into()
    }

    fn plans(&self) -> Value {
        let unlimited =
            json!({ "requests_per_minute": "unlimited", "user_requests_per_minute": "unlimited" });
        match self.whole {
            Some(_) => json!({}),
            None => json!({ "free": unlimited, "standard": unlimited }),
        }
    }

    /// A pinned deployment limits by itself. The shared one's replicas share what they allow, each service by itself.
    fn limits(&self, service: Service) -> Value {
        // everybody here has the address of this machine
        let mut limits = Map::from_iter([("address_per_minute".to_owned(), "unlimited".into())]);
        if self.whole.is_some() && self.target == Target::Shared {
            limits.insert("redis".to_owned(), self.reference("redis").into());
            limits.insert("redis_prefix".to_owned(), service.name().into());
            limits.insert("replicas".to_owned(), service.replicas(self.target).into());
        }
        limits.into()
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

    /// Whose grants it takes.
    fn operators(&self) -> PathBuf {
        self.folder.join("operators.jwks")
    }

    fn reference(&self, secret: &str) -> String {
        format!("file:{}", self.secret(secret).display())
    }

    fn secret(&self, name: &str) -> PathBuf {
        self.folder.join("secrets").join(name)
    }
}
