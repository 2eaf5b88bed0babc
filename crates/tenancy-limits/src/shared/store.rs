//! Calls to Redis.

use std::{fmt, sync::Arc, time::Duration};

use parking_lot::Mutex;
use redis::{AsyncConnectionConfig, Client, RedisResult, Script, aio::MultiplexedConnection};
use secrecy::ExposeSecret;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::config::{SharedConfig, SharedError};
use crate::rate::{Answer, PIECES, Question};

const TAKE: &str = include_str!("take.lua");
/// How long an attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(1);

/// Redis, as limits use it: one script, one connection, every call with an end.
pub(crate) struct Store {
    config: SharedConfig,
    connection: Mutex<Option<MultiplexedConnection>>,
    take: Script,
    calls: Arc<Semaphore>,
}

/// Why a call gave nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It took too long.
    Slow,
    /// There is no connection.
    Away,
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
            Self::Settings(error) => error.fmt(f),
            Self::Redis(kind) => write!(f, "{kind:?}"),
        }
    }
}

impl Store {
    /// Looks at the settings, and does not connect yet.
    pub(crate) fn new(config: SharedConfig) -> Result<Self, SharedError> {
        client(&config)?;
        Ok(Self {
            connection: Mutex::new(None),
            take: Script::new(TAKE),
            calls: Arc::new(Semaphore::new(config.calls)),
            config,
        })
    }

    /// Connects, with the password as it is now, and brings the script along.
    pub(crate) async fn connect(&self) -> Result<(), Failure> {
        let client = client(&self.config).map_err(Failure::Settings)?;
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(CONNECT));
        let connect = async {
            let mut fresh = client
                .get_multiplexed_async_connection_with_config(&settings)
                .await?;
            self.take.load_async(&mut fresh).await?;
            Ok(fresh)
        };
        let fresh = within(CONNECT, connect).await?;
        *self.connection.lock() = Some(fresh);
        Ok(())
    }

    /// Lets go of the connection.
    pub(crate) fn disconnect(&self) {
        self.connection.lock().take();
    }

    /// Leave for one call; `None` when too many are on their way.
    pub(crate) fn call(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.calls).try_acquire_owned().ok()
    }

    /// Whether one more call may be on its way.
    pub(crate) fn has_room(&self) -> bool {
        self.calls.available_permits() > 0
    }

    /// Asks. `None` when the store has forgotten what the question refers to: it is to be asked anew. One round trip.
    pub(crate) async fn take(
        &self,
        key: &str,
        (piece, life): (Duration, Duration),
        question: &Question,
    ) -> Result<Option<Answer>, Failure> {
        let mut connection = self.connection.lock().clone().ok_or(Failure::Away)?;
        let (lease, size) = question.returned;
        let mut call = self.take.prepare_invoke();
        call.key(format!("{}:{key}", self.config.prefix));
        call.arg(question.limit)
            .arg(micros(piece))
            .arg(PIECES)
            .arg(micros(life));
        call.arg(question.memory).arg(lease).arg(size);
        call.arg(question.kept).arg(question.more);
        for (ago, count) in &question.passed {
            call.arg(micros(*ago)).arg(*count);
        }
        let said = within(self.config.timeout, call.invoke_async(&mut connection)).await?;
        Ok(answer(said))
    }
}

fn client(config: &SharedConfig) -> Result<Client, SharedError> {
    let url = config.url.reveal()?;
    let tls = url.expose_secret().starts_with("rediss:");
    if tls && rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(SharedError::Tls);
    }
    Client::open(url.expose_secret()).map_err(|_| SharedError::Url)
}

type Said = (u64, u64, u64, u64, u64, u64);

fn answer((memory, piece, leased, remaining, retry, reset): Said) -> Option<Answer> {
    (memory != 0).then_some(Answer {
        memory,
        piece,
        leased,
        remaining,
        retry_after: Duration::from_micros(retry),
        reset: Duration::from_micros(reset),
    })
}

async fn within<T>(limit: Duration, call: impl Future<Output = RedisResult<T>>) -> Result<T, Failure> {
    match timeout(limit, call).await {
        Ok(result) => result.map_err(|error| Failure::Redis(error.kind())),
        Err(_) => Err(Failure::Slow),
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
