//! The server that tests hold.

use std::fmt;

use secrecy::SecretString;
use tokio::sync::OnceCell;

use super::{login, server};
use crate::machine::{Running, ServerError, While, free_port, random};

/// A running Neo4j (Community edition) of our own, on a free port of loopback, whose data goes with it.
///
/// It stops, and its folder vanishes, when this is dropped or the process ends in any way, `kill -9` included.
///
/// The jars are those in the folder that `TENANCY_NEO4J_LIB` names, or else those of the cache. With `TENANCY_INSTALL=1`
/// missing ones are fetched by Maven. Java is `JAVA_HOME`'s, or else the first on the path.
///
/// It takes any credentials but no wrong ones, has one database, no roles, no existence constraints and no cluster.
pub struct Neo4j {
    port: u16,
    password: SecretString,
    running: Running,
}

impl Neo4j {
    /// Starts a server. Takes some 8 seconds, 120 at most, and half a gigabyte of memory.
    ///
    /// # Errors
    ///
    /// When there is no Neo4j or no Java (the message says how to get them) or it does not start (the message ends with its
    /// log).
    pub async fn start() -> Result<Self, ServerError> {
        let neo4j = Self {
            port: free_port().during(|| "find a free port".to_owned())?,
            password: random()?,
            running: Running::default(),
        };
        neo4j.restart().await?;
        Ok(neo4j)
    }

    /// The one server that all tests of this process share. Each has labels of its own, or stays with ids of its own.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); the next call tries again.
    pub async fn shared() -> Result<&'static Self, ServerError> {
        static SHARED: OnceCell<Neo4j> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    /// The port on 127.0.0.1, the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens, without a login: `bolt://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("bolt://127.0.0.1:{}", self.port)
    }

    /// Who may log in.
    #[must_use]
    pub fn user(&self) -> &'static str {
        login::USER
    }

    /// The user's password.
    #[must_use]
    pub fn password(&self) -> &SecretString {
        &self.password
    }

    /// Kills the server, as `kill -9` does. What it held is lost. Returns when it is gone.
    ///
    /// # Errors
    ///
    /// When the runtime is shutting down.
    pub async fn kill(&self) -> Result<(), ServerError> {
        self.running.kill().await
    }

    /// Starts an empty server on the same port with the same password, after [`kill`](Self::kill). A running one is killed
    /// first.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); when something else has taken the port, too.
    pub async fn restart(&self) -> Result<(), ServerError> {
        let (port, password) = (self.port, self.password.clone());
        self.running.restart(move || server::start(port, &password)).await
    }
}

impl fmt::Debug for Neo4j {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neo4j")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
