//! What a deployment is given: a configuration, and files with the secrets that it names.

use std::path::{Path, PathBuf};

use serde_json::{Map, json};

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
        let mut config = json!({
            "deployment": self.section(),
            "identity": { "project": PROJECT, "keys": self.keys },
            "registry": { "url": format!("file:{}", self.secret("registry").display()) },
            "sql": { "locations": locations, "max_connections": 4 },
        });
        if service.stores_objects() {
            config["objects"] = json!({ "root": Self::objects(&self.folder) });
        }
        let path = self.folder.join(format!("{service}.toml"));
        write(
            &path,
            &toml::to_string(&config).during(|| format!("configure {service}"))?,
        )?;
        Ok(path)
    }

    fn section(&self) -> serde_json::Value {
        // the address itself is a host too, so that plain `curl` lines work
        let mut section = json!({ "mode": "shared", "domain": DOMAIN, "hosts": ["127.0.0.1"] });
        if let Target::Pinned(tenant) = self.target {
            section["mode"] = "pinned".into();
            section["tenant"] = tenant.to_string().into();
        }
        section
    }

    fn secret(&self, name: &str) -> PathBuf {
        self.folder.join("secrets").join(name)
    }
}
