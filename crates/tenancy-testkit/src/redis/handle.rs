//! The server that tests hold.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::server;
use crate::machine::{Running, ServerError, While, free_port, random};

/// A running Redis of our own, on a free port of loopback, that keeps nothing on disk.
///
/// It stops, and its folder vanishes, when this is dropped or the process ends in any way, `kill -9` included.
///
/// The program is the one that `TENANCY_REDIS_BIN` names, or else `redis-server` or `valkey-server` of the machine. With
/// `TENANCY_INSTALL=1` a missing one is installed by `apt-get` as root. As root it runs as `postgres` or `nobody`.
pub struct Redis {
    port: u16,
    password: Option<SecretString>,
    running: Running,
}

impl Redis {
    /// Starts a server without a password.
    ///
    /// # Errors
    ///
    /// When there is no Redis (the message says how to get it) or it does not start (the message ends with its log).
    pub async fn start() -> Result<Self, ServerError> {
        Self::launch(None).await
    }

    /// Starts a server that asks for a password, which [`url`](Self::url) holds.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_with_password() -> Result<Self, ServerError> {
        Self::launch(Some(random()?)).await
    }

    async fn launch(password: Option<SecretString>) -> Result<Self, ServerError> {
        let port = free_port().during(|| "find a free port".to_owned())?;
        let redis = Self {
            port,
            password,
            running: Running::default(),
        };
        redis.restart().await?;
        Ok(redis)
    }

    /// The port on 127.0.0.1, the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How to reach it.
    #[must_use]
    pub fn url(&self) -> SecretString {
        let login = self.password.as_ref().map_or_else(String::new, |password| {
            format!("default:{}@", password.expose_secret())
        });
        format!("redis://{login}127.0.0.1:{}/0", self.port).into()
    }

    /// Kills the server, as `kill -9` does. What it held is lost. Returns when it is gone.
    ///
    /// # Errors
    ///
    /// When the runtime is shutting down.
    pub async fn kill(&self) -> Result<(), ServerError> {
        self.running.kill().await
    }

    /// Starts an empty server on the same port, after [`kill`](Self::kill). A running one is killed first.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); when something else has taken the port, too.
    pub async fn restart(&self) -> Result<(), ServerError> {
        let (port, password) = (self.port, self.password.clone());
        self.running
            .restart(move || server::start(port, password.as_ref()))
            .await
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
