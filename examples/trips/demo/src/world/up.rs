//! The world: set up, asked, and torn down.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use itineraries::Worker;
use secrecy::SecretString;
use tempfile::TempDir;
use tenancy::{FanOutReport, Tenancy};
use tenancy_control::Registry;
use tenancy_core::{Location, Role};
use tenancy_testkit::{Database, KeyServer, Postgres, TokenMint};

use super::{
    Failure, ObjectCount, PROJECT, Progress, Result, RowCount, Service, Store, Target, Tenant,
    config::{Deployment, ServiceKeys},
    control::Control,
    extent::{Extent, Whole},
    failure::While,
    instance::Instance,
    objects,
    progress::Reporter,
    rows, stores,
};

/// Everything that runs: servers, services, tenants. Dropped, it ends; [`stop`](Self::stop) waits for the end.
pub struct World {
    pub(super) instances: Vec<Instance>,
    pub(super) whole: Option<Whole>,
    tenants: Vec<Tenant>,
    stores: Vec<Store>,
    control: Control,
    mint: TokenMint,
    keys: KeyServer,
    postgres: Postgres,
    folder: TempDir,
}

impl World {
    /// Sets everything up, in some seconds, and tells how far it is.
    ///
    /// # Errors
    ///
    /// When anything can't be set up; what was started ends.
    pub async fn start(extent: Extent, mut report: impl FnMut(Progress)) -> Result<Self> {
        let mut progress = Reporter::new(&mut report);
        progress.begins("starting PostgreSQL");
        let postgres = Postgres::start().await.during(|| "start PostgreSQL".to_owned())?;
        progress.done(format!("PostgreSQL on 127.0.0.1:{}", postgres.port()));

        progress.begins("making a signing key");
        let mint = TokenMint::new(PROJECT);
        let keys = KeyServer::start(&mint)
            .await
            .during(|| "serve the signing keys".to_owned())?;
        progress.done(format!("signing keys at {}", keys.url()));

        progress.begins("setting up the registry");
        let control = Control::start(&postgres).await?;
        let tenants = control.create_tenants().await?;
        progress.done(format!("registry with {} tenants", tenants.len()));

        progress.begins("creating databases");
        let stores = stores::create(&postgres, &tenants).await?;
        progress.done(format!("{} databases with their schemas", stores.len()));

        let folder = tempfile::tempdir().during(|| "create a folder".to_owned())?;
        let mut whole = None;
        if extent == Extent::Whole {
            progress.begins("starting Redis");
            let started = Whole::start(&folder.path().join("control"), &tenants).await?;
            progress.done(format!("Redis on 127.0.0.1:{}", started.redis.port()));
            whole = Some(started);
        }
        let mut world = Self {
            instances: Vec::new(),
            whole,
            tenants,
            stores,
            control,
            mint,
            keys,
            postgres,
            folder,
        };
        progress.begins("starting services");
        world.start_services().await?;
        progress.done(format!(
            "{} services, each having proven its databases",
            world.instances.len()
        ));
        Ok(world)
    }

    async fn start_services(&mut self) -> Result<()> {
        let mut started = Vec::new();
        for target in self.targets() {
            let deployment = self.deployment(target).await?;
            deployment.prepare()?;
            let mut peers = Vec::new();
            for service in Service::ALL {
                let config = deployment.write(service, &peers)?;
                let replicas = self.whole.as_ref().map_or(1, |_| service.replicas(target));
                for _ in 0..replicas {
                    started.push(Instance::start(target, service, &config).await?);
                }
                peers.extend(started.last().map(|instance| (service, instance.url())));
            }
        }
        self.instances = started;
        Ok(())
    }

    async fn deployment(&self, target: Target) -> Result<Deployment<'_>> {
        let served: Vec<&Tenant> = self
            .tenants
            .iter()
            .filter(|tenant| tenant.target() == target)
            .collect();
        let places = |location| {
            served
                .iter()
                .any(|t| t.record.placement.sql.values().any(|at| at == location))
        };
        let registry = match (target, served.first()) {
            (Target::Pinned(_), Some(tenant)) => self.control.pinned(&self.postgres, tenant).await?,
            _ => self.control.shared(),
        };
        Ok(Deployment {
            target,
            folder: self.folder(target),
            registry,
            stores: self
                .stores
                .iter()
                .filter(|store| places(&store.location))
                .collect(),
            keys: self.keys.url(),
            service_keys: ServiceKeys::new(),
            whole: self.whole.as_ref(),
        })
    }

    /// Stops the services, then the servers, and removes every file. Twenty seconds at most, and a fraction as a rule.
    ///
    /// # Errors
    ///
    /// When PostgreSQL can't be waited for, or a file can't be removed.
    pub async fn stop(self) -> Result<()> {
        for instance in self.instances {
            instance.stop().await;
        }
        self.control.registry.close().await;
        drop(self.keys);
        self.postgres
            .stop()
            .await
            .during(|| "stop PostgreSQL".to_owned())?;
        self.folder.close().during(|| "remove the folder".to_owned())
    }

    /// The tenants: two Free, one Standard, one Enterprise.
    #[must_use]
    pub fn tenants(&self) -> &[Tenant] {
        &self.tenants
    }

    /// The tenant with this slug: `ada`, `bob`, `acme` or `globex`.
    ///
    /// # Errors
    ///
    /// When nobody has it.
    pub fn tenant(&self, slug: &str) -> Result<&Tenant> {
        let found = self.tenants.iter().find(|tenant| tenant.slug() == slug);
        found.ok_or_else(|| Failure::new("find a tenant", format!("nobody is `{slug}`")))
    }

    /// Where the service that serves a tenant listens: `http://127.0.0.1:port`.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn url(&self, tenant: &Tenant, service: Service) -> Result<String> {
        self.instance(tenant.target(), service).map(Instance::url)
    }

    /// What a service was built from: for tests that go around HTTP.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn tenancy(&self, target: Target, service: Service) -> Result<&Tenancy> {
        self.instance(target, service).map(|instance| &instance.tenancy)
    }

    /// The configuration file of a service.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn config(&self, target: Target, service: Service) -> Result<&Path> {
        self.instance(target, service)
            .map(|instance| instance.config.as_path())
    }

    /// The worker of the deployment's exports comes round its tenants once.
    ///
    /// # Errors
    ///
    /// When the deployment does not run.
    pub async fn work(&self, target: Target) -> Result<FanOutReport> {
        let instance = self.instance(target, Service::Itineraries)?;
        let worker = Worker::new(&instance.tenancy).during(|| "make a worker".to_owned())?;
        Ok(worker.round().await)
    }

    /// Puts the envelope of one export beside another, as only a superuser of the database can.
    ///
    /// # Errors
    ///
    /// When the database does not answer, or has no such exports.
    pub async fn swap_envelope(&self, tenant: &Tenant, from: &str, to: &str) -> Result<()> {
        let what = || "forge an envelope".to_owned();
        let core = "core".parse().during(what)?;
        let location = tenant.record.placement.sql.get(&core);
        let location = location.ok_or_else(|| Failure::new(what(), "no database"))?;
        rows::swap_envelope(self.superuser_url(location)?, from, to).await
    }

    /// All workers come round again and again, until this is dropped.
    pub async fn keep_working(&self) {
        loop {
            for target in self.targets() {
                // what a tenant has to wait for is in the log
                let _ = self.work(target).await;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    fn instance(&self, target: Target, service: Service) -> Result<&Instance> {
        let found = self
            .instances
            .iter()
            .find(|i| i.target == target && i.service == service);
        found.ok_or_else(|| Failure::new("find a service", format!("no {service} runs for {target:?}")))
    }

    /// A token of the tenant's member with this role, valid for an hour.
    ///
    /// # Errors
    ///
    /// When the tenant has no such member.
    pub fn token(&self, tenant: &Tenant, role: Role) -> Result<String> {
        let nobody = || Failure::new("make a token", format!("`{}` has no {role}", tenant.slug()));
        let member = tenant.member(role).ok_or_else(nobody)?;
        Ok(self.mint.token(&tenant.record.identity_tenant, &member.subject))
    }

    /// The mint whose key all services trust.
    #[must_use]
    pub fn mint(&self) -> &TokenMint {
        &self.mint
    }

    /// The server of its key.
    #[must_use]
    pub fn keys(&self) -> &KeyServer {
        &self.keys
    }

    /// The registry, as its owner.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.control.registry
    }

    /// The registry's database.
    #[must_use]
    pub fn registry_database(&self) -> &Database {
        &self.control.database
    }

    /// The PostgreSQL server.
    #[must_use]
    pub fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    /// Every physical database of the tenants.
    #[must_use]
    pub fn stores(&self) -> &[Store] {
        &self.stores
    }

    /// The superuser's URL of the database at a location.
    ///
    /// # Errors
    ///
    /// When no database is there.
    pub fn superuser_url(&self, location: &Location) -> Result<&SecretString> {
        let found = self.stores.iter().find(|store| store.location == *location);
        let found =
            found.ok_or_else(|| Failure::new("find a database", format!("none is at `{location}`")))?;
        Ok(&found.database.superuser_url)
    }

    /// What a deployment holds: its configuration, its secrets and its objects, and nothing of another's.
    #[must_use]
    pub fn folder(&self, target: Target) -> PathBuf {
        let name = match target {
            Target::Shared => "shared".to_owned(),
            Target::Pinned(tenant) => tenant.to_string(),
        };
        self.folder.path().join(name)
    }

    /// Where a deployment's buckets are.
    #[must_use]
    pub fn objects_root(&self, target: Target) -> PathBuf {
        Deployment::objects(&self.folder(target))
    }

    /// Which rows are where, seen by the superuser.
    ///
    /// # Errors
    ///
    /// When a database does not answer.
    pub async fn rows(&self) -> Result<Vec<RowCount>> {
        let mut counts = Vec::new();
        for store in &self.stores {
            counts.extend(rows::count(store).await?);
        }
        Ok(counts)
    }

    /// Which objects are where, seen on the disk.
    ///
    /// # Errors
    ///
    /// When a folder can't be read.
    pub fn objects(&self) -> Result<Vec<ObjectCount>> {
        let targets = self.targets();
        let counts = targets
            .into_iter()
            .map(|target| objects::count(target, &self.objects_root(target)));
        Ok(counts.collect::<Result<Vec<_>>>()?.concat())
    }

    /// Every file of every deployment: its objects, its configuration, its secrets.
    ///
    /// # Errors
    ///
    /// When a folder can't be read.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        objects::files_below(self.folder.path())
    }

    /// For whom deployments run.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let mut targets: Vec<Target> = self.tenants.iter().map(Tenant::target).collect();
        targets.dedup();
        targets
    }
}
