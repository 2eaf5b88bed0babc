//! What a deployment is given: a configuration, and files with the secrets that it names.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

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

    /// Writes the configuration of one service: it gets the databases that it asks for, and no other.
    pub(super) fn write(&self, service: Service) -> Result<PathBuf> {
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
