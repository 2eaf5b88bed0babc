//! A server that follows another.

use std::{fmt, path::PathBuf};

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};

use super::{Postgres, PostgresError, database::url, server::Server};
use crate::{machine::blocking, proxy::through};

/// A hot standby of a [`Postgres`] that was started [to be followed](Postgres::start_replicated): a copy of all its databases and
/// roles that replays what it writes, and takes readers, on a free port of loopback.
///
/// It stops, and its folder vanishes, when this is dropped or the process ends in any way, `kill -9` included. The login of
/// the role that replicates stands in a file of the server's user, and in no command line.
pub struct Replica {
    port: u16,
    password: SecretString,
    server: Mutex<Option<Server>>,
}

impl Replica {
    /// Copies the server's data and follows it. Takes some seconds, and 90 at most.
    ///
    /// # Errors
    ///
    /// When the server was not started to be followed, there is no `pg_basebackup` beside its binaries, or the standby does
    /// not start (the message ends with its log).
    pub async fn of(primary: &Postgres) -> Result<Self, PostgresError> {
        Self::through(primary, primary.port()).await
    }

    /// The same through another port that leads there: a [proxy](crate::CountingProxy)'s, which can cut it off.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub async fn through(primary: &Postgres, port: u16) -> Result<Self, PostgresError> {
        let followed = primary.followed(port)?;
        let password = primary.superuser_password().clone();
        let server = blocking(move || Server::follow(&followed, password)).await??;
        Ok(Self {
            port: server.port(),
            password: server.password().clone(),
            server: Mutex::new(Some(server)),
        })
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder with its data (`data`) and its log (`log`), while it runs.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        self.server
            .lock()
            .as_ref()
            .map(|server| server.folder().to_owned())
    }

    /// The same database as the same role, here. The URL's host and port are replaced.
    #[must_use]
    pub fn url(&self, url: &SecretString) -> SecretString {
        through(url.expose_secret(), self.port).into()
    }

    /// How to reach a database as the superuser.
    #[must_use]
    pub fn superuser_url(&self, database: &str) -> SecretString {
        url(self.port, "postgres", &self.password, database)
    }

    /// Stops it and waits until it is gone, 15 seconds at most: its sessions end at once. Does nothing when it is stopped.
    ///
    /// # Errors
    ///
    /// When the runtime is shutting down.
    pub async fn stop(&self) -> Result<(), PostgresError> {
        let server = self.server.lock().take();
        Ok(blocking(|| server.map(Server::stop)).await.map(drop)?)
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
