//! The pooler that tests hold.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::server;
use crate::{
    Database, Postgres, ServerError,
    machine::{Leashed, blocking},
    proxy::through,
};

/// For how long a client has a server's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// For as long as it is connected.
    Session,
    /// For one transaction.
    Transaction,
}

/// A running PgBouncer before a [`Postgres`], on a free port of loopback. In transaction mode its clients share two
/// sessions.
///
/// It stops, and its folder vanishes, when this is dropped or the process ends in any way.
///
/// The program is the one that `TENANCY_PGBOUNCER_BIN` names, or else the machine's. With `TENANCY_INSTALL=1` a missing one
/// is installed by `apt-get` as root.
pub struct PgBouncer {
    port: u16,
    _running: Leashed,
}

impl PgBouncer {
    /// Starts one through which the runtime role of `database` reaches it.
    ///
    /// # Errors
    ///
    /// When there is no PgBouncer (the message says how to get it) or it does not start (the message ends with its log).
    pub async fn start(
        postgres: &Postgres,
        database: &Database,
        pooling: Pooling,
    ) -> Result<Self, ServerError> {
        let sessions = match pooling {
            Pooling::Session => 20,
            Pooling::Transaction => 2,
        };
        Self::start_with(postgres, database, pooling, sessions).await
    }

    /// The same, with so many sessions of the server's.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_with(
        postgres: &Postgres,
        database: &Database,
        pooling: Pooling,
        sessions: u32,
    ) -> Result<Self, ServerError> {
        let (server, login) = (postgres.port(), login(&database.runtime_url)?);
        let (port, running) = blocking(move || server::start(server, &login, pooling, sessions)).await??;
        Ok(Self {
            port,
            _running: running,
        })
    }

    /// The same database, through the pooler. The URL's host and port are replaced.
    #[must_use]
    pub fn url(&self, url: &SecretString) -> SecretString {
        through(url.expose_secret(), self.port).into()
    }
}

/// The role and its password, as the pooler's file of users has them.
fn login(url: &SecretString) -> Result<SecretString, ServerError> {
    let (_, rest) = url.expose_secret().split_once("://").unwrap_or_default();
    let (login, _) = rest.split_once('@').unwrap_or_default();
    match login.split_once(':') {
        Some((role, password)) => Ok(format!("\"{role}\" \"{password}\"\n").into()),
        None => Err(ServerError::Missing(
            "a pooler needs a URL with a role and a password".to_owned(),
        )),
    }
}

impl fmt::Debug for PgBouncer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgBouncer")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
