//! Asks the key server. Everything is bounded: time, size, and where it goes.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode, redirect::Policy};
use tokio::{sync::OnceCell, time::Instant};

use super::{
    Accept, freshness,
    jwks::{self, JwksError},
    key_set::KeySet,
    source::{KeySource, Timing},
    url::KeyUrl,
};

/// Google's answer has about 1.5 KiB.
const ANSWER_BYTES: usize = 64 * 1024;

/// Why there are no new keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("it did not answer within {0:?}")]
    Late(Duration),
    #[error("it can't be reached")]
    Http(#[from] reqwest::Error),
    #[error("it answered with status {0}")]
    Status(StatusCode),
    #[error("its answer is longer than 65536 bytes")]
    TooLong,
    #[error(transparent)]
    Keys(#[from] JwksError),
}

/// A client of one key server.
#[derive(Debug)]
pub(super) struct Fetcher {
    url: KeyUrl,
    timing: Timing,
    accept: Accept,
    /// Made by the first fetch: loading the system's roots takes milliseconds, and can fail.
    client: OnceCell<Client>,
}

impl Fetcher {
    pub(super) fn new(source: KeySource, accept: Accept) -> Self {
        Self {
            url: source.url,
            timing: source.timing,
            accept,
            client: OnceCell::new(),
        }
    }

    pub(super) async fn fetch(&self) -> Result<KeySet, FetchError> {
        let limit = self.timing.fetch;
        match tokio::time::timeout(limit, self.ask()).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::Late(limit)),
        }
    }

    async fn ask(&self) -> Result<KeySet, FetchError> {
        let client = self.client.get_or_try_init(|| async { self.client() }).await?;
        let asked_at = Instant::now();
        let answer = client.get(self.url.url().clone()).send().await;
        let answer = answer.map_err(reqwest::Error::without_url)?;
        // a redirect is not followed, and so is a failure like any other
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        let lifetime = freshness::lifetime(answer.headers());
        let keys = jwks::parse(&bounded(answer).await?, self.accept)?;
        Ok(KeySet::new(keys, lifetime, asked_at, &self.timing))
    }

    fn client(&self) -> reqwest::Result<Client> {
        let client = Client::builder()
            .connect_timeout(self.timing.fetch)
            .redirect(Policy::none())
            .user_agent(concat!("tenancy-auth/", env!("CARGO_PKG_VERSION")));
        if self.url.is_loopback() {
            // a proxy is elsewhere, and clear text must not leave the machine
            client.no_proxy().build()
        } else {
            client.https_only(true).build()
        }
    }
}

async fn bounded(mut answer: Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
