//! The server that tests and the demo hold.

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use super::{
    Database, PostgresError, admin,
    database::url,
    name::checked,
    server::{Followed, Log, Server},
};
use crate::machine::{blocking, random};

/// A running PostgreSQL of our own: its data in a private folder, on a free port of loopback, durability off.
///
/// It stops, and its folder vanishes, when this is dropped or the process ends in any way, `kill -9` included.
///
/// The binaries are those in the folder that `TENANCY_POSTGRES_BIN` names, or else those of the machine. With
/// `TENANCY_INSTALL=1` a missing one is installed by `apt-get` or `npm`. As root it runs as `postgres` or `nobody`.
pub struct Postgres {
    server: Server,
    passwords: Mutex<HashMap<String, SecretString>>,
    templates: Mutex<HashMap<&'static str, Arc<OnceCell<()>>>>,
    databases: AtomicU32,
}

impl Postgres {
    /// Starts a server. Takes about a second, and 90 at most.
    ///
    /// # Errors
    ///
    /// When there is no PostgreSQL (the message says how to get it) or it does not start (the message ends with its log).
    pub async fn start() -> Result<Self, PostgresError> {
        Self::launch(Log::Minimal).await
    }

    /// Starts a server that [replicas](super::Replica) can follow.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_replicated() -> Result<Self, PostgresError> {
        let server = Self::launch(Log::Replicated).await?;
        let make = create_replicator(&server.password(REPLICATOR)?);
        admin::run(
            &server.superuser_url("postgres"),
            "make a role that replicates",
            &[make],
        )
        .await?;
        Ok(server)
    }

    async fn launch(log: Log) -> Result<Self, PostgresError> {
        let server = blocking(move || Server::start(log)).await??;
        Ok(Self {
            server,
            passwords: Mutex::default(),
            templates: Mutex::default(),
            databases: AtomicU32::new(0),
        })
    }

    /// The one server that all tests of this process share.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); the next call tries again.
    pub async fn shared() -> Result<&'static Self, PostgresError> {
        static SHARED: OnceCell<Postgres> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    /// Stops the server and waits until it is gone, 15 seconds at most.
    ///
    /// # Errors
    ///
    /// When the runtime is shutting down.
    pub async fn stop(self) -> Result<(), PostgresError> {
        Ok(blocking(|| self.server.stop()).await?)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// The folder with its data (`data`) and its log (`log`).
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// How to reach a database as the superuser.
    #[must_use]
    pub fn superuser_url(&self, database: &str) -> SecretString {
        url(self.port(), "postgres", self.server.password(), database)
    }

    /// Makes a database that `owner` owns and `runtime` may connect to, and both roles where they are missing: they log
    /// in, and can do nothing else. Nobody else gets in, and `runtime` makes no temporary tables.
    ///
    /// # Errors
    ///
    /// When there is such a database already, or a name is none.
    pub async fn create_database(
        &self,
        name: &str,
        owner: &str,
        runtime: &str,
    ) -> Result<Database, PostgresError> {
        self.create(name, "template1", owner, runtime).await
    }

    /// A database of its own for each call, as a copy of one that `build` fills once in this process. It belongs to
    /// `{template}_owner`, and its runtime role is `{template}_runtime`. A copy takes about 0.1 seconds.
    ///
    /// # Errors
    ///
    /// When the server refuses. A `build` that panicked is tried again by the next call.
    pub async fn database_from(
        &self,
        template: &'static str,
        build: impl AsyncFnOnce(&Database),
    ) -> Result<Database, PostgresError> {
        let (owner, runtime) = (format!("{template}_owner"), format!("{template}_runtime"));
        let source = format!("{template}_template");
        let once = Arc::clone(self.templates.lock().entry(template).or_default());
        once.get_or_try_init(|| self.build_template(&source, &owner, &runtime, build))
            .await?;
        let count = self.databases.fetch_add(1, Ordering::Relaxed);
        self.create(&format!("{template}_{count}"), &source, &owner, &runtime)
            .await
    }

    async fn build_template(
        &self,
        name: &str,
        owner: &str,
        runtime: &str,
        build: impl AsyncFnOnce(&Database),
    ) -> Result<(), PostgresError> {
        let admin = self.superuser_url("postgres");
        // a build that panicked has left half of one
        let drop = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", checked(name)?);
        admin::run(&admin, "drop a template", &[drop]).await?;
        let database = self.create(name, "template1", owner, runtime).await?;
        build(&database).await;
        // a template that somebody is connected to can't be copied
        let close = [
            format!("ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS false"),
            format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"),
        ];
        admin::run(&admin, "close a template", &close).await
    }

    async fn create(
        &self,
        name: &str,
        template: &str,
        owner: &str,
        runtime: &str,
    ) -> Result<Database, PostgresError> {
        let (name, owner, runtime) = (checked(name)?, checked(owner)?, checked(runtime)?);
        let (owner_password, runtime_password) = (self.password(owner)?, self.password(runtime)?);
        let outside = [
            create_role(owner, &owner_password),
            create_role(runtime, &runtime_password),
            format!("CREATE DATABASE \"{name}\" OWNER \"{owner}\" TEMPLATE \"{template}\""),
            // the database's own grants are not part of a template
            format!("REVOKE ALL ON DATABASE \"{name}\" FROM PUBLIC"),
            format!("GRANT CONNECT ON DATABASE \"{name}\" TO \"{runtime}\""),
        ];
        let what = format!("create the database `{name}`");
        admin::run(&self.superuser_url("postgres"), &what, &outside).await?;
        let superuser_url = self.superuser_url(name);
        if template == "template1" {
            let inside = [
                "REVOKE ALL ON SCHEMA public FROM PUBLIC".to_owned(),
                format!("GRANT USAGE ON SCHEMA public TO \"{runtime}\""),
            ];
            admin::run(&superuser_url, &what, &inside).await?;
        }
        Ok(Database {
            name: name.to_owned(),
            owner_url: url(self.port(), owner, &owner_password, name),
            runtime_url: url(self.port(), runtime, &runtime_password, name),
            superuser_url,
            runtime_role: runtime.to_owned(),
            owner_role: owner.to_owned(),
        })
    }

    /// How a replica follows it, through a port that leads to it.
    pub(super) fn followed(&self, port: u16) -> Result<Followed, PostgresError> {
        Ok(Followed {
            port,
            role: REPLICATOR,
            password: self.password(REPLICATOR)?,
        })
    }

    /// The superuser's, which its replicas have, too.
    pub(super) fn superuser_password(&self) -> &SecretString {
        self.server.password()
    }

    /// A role's password, made when the role is first named.
    fn password(&self, role: &str) -> Result<SecretString, PostgresError> {
        let mut passwords = self.passwords.lock();
        if let Some(password) = passwords.get(role) {
            return Ok(password.clone());
        }
        let password = random()?;
        passwords.insert(role.to_owned(), password.clone());
        Ok(password)
    }
}

/// Two tests may make the same role at the same time: the loser sees one of two errors.
fn create_role(role: &str, password: &SecretString) -> String {
    let password = password.expose_secret();
    format!(
        "DO $$ BEGIN CREATE ROLE \"{role}\" LOGIN PASSWORD '{password}' NOSUPERUSER NOBYPASSRLS NOCREATEDB \
         NOCREATEROLE NOREPLICATION; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
}

/// Who copies a server's data and follows it.
const REPLICATOR: &str = "replicator";

fn create_replicator(password: &SecretString) -> String {
    let password = password.expose_secret();
    format!("CREATE ROLE \"{REPLICATOR}\" LOGIN REPLICATION PASSWORD '{password}'")
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres")
            .field("port", &self.port())
            .finish_non_exhaustive()
    }
}
