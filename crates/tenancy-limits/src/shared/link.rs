//! A connection to Redis, and the ends of waiting for it.

use std::{fmt, time::Duration};

use parking_lot::Mutex;
use redis::{AsyncConnectionConfig, Client, RedisResult, Script, aio::MultiplexedConnection};
use secrecy::ExposeSecret;
use tenancy_core::SecretRef;
use tokio::time::timeout;

use super::config::SharedError;

/// How long an attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(1);

/// One connection, which all calls share.
pub(crate) struct Link {
    url: SecretRef,
    connection: Mutex<Option<MultiplexedConnection>>,
}

/// Why a call gave nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It took too long.
    Slow,
    /// There is no connection.
    Away,
    /// Too many calls are on their way.
    Busy,
    /// The settings do not lead to a Redis.
    Settings(SharedError),
    /// Redis, or the way to it: the kind of the error, never what was sent.
    Redis(redis::ErrorKind),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow => f.write_str("it did not answer in time"),
            Self::Away => f.write_str("it is not connected"),
            Self::Busy => f.write_str("too many calls are on their way"),
            Self::Settings(error) => error.fmt(f),
            Self::Redis(kind) => write!(f, "{kind:?}"),
        }
    }
}

impl Link {
    /// Looks at the settings, and does not connect yet.
    pub(crate) fn new(url: SecretRef) -> Result<Self, SharedError> {
        client(&url)?;
        Ok(Self {
            url,
            connection: Mutex::new(None),
        })
    }

    /// A new connection, with the password as it is now, where these scripts are known. Calls take it when it is
    /// [set](Self::set).
    pub(crate) async fn connect(&self, scripts: &[&Script]) -> Result<MultiplexedConnection, Failure> {
        let client = client(&self.url).map_err(Failure::Settings)?;
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(CONNECT));
        let connect = async {
            let mut fresh = client
                .get_multiplexed_async_connection_with_config(&settings)
                .await?;
            for script in scripts {
                script.load_async(&mut fresh).await?;
            }
            Ok(fresh)
        };
        within(CONNECT, connect).await
    }

    /// Lets calls take this connection, and lets go of the one before.
    pub(crate) fn set(&self, connection: Option<MultiplexedConnection>) {
        *self.connection.lock() = connection;
    }

    pub(crate) fn get(&self) -> Result<MultiplexedConnection, Failure> {
        self.connection.lock().clone().ok_or(Failure::Away)
    }
}

fn client(url: &SecretRef) -> Result<Client, SharedError> {
    let url = url.reveal()?;
    let tls = url.expose_secret().starts_with("rediss:");
    if tls && rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(SharedError::Tls);
    }
    Client::open(url.expose_secret()).map_err(|_| SharedError::Url)
}

pub(crate) async fn within<T>(
    limit: Duration,
    call: impl Future<Output = RedisResult<T>>,
) -> Result<T, Failure> {
    match timeout(limit, call).await {
        Ok(result) => result.map_err(|error| Failure::Redis(error.kind())),
        Err(_) => Err(Failure::Slow),
    }
}
