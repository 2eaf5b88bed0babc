//! Asks the key server. Everything is bounded: time, size, and where it goes.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use tokio::{sync::OnceCell, time::Instant};

use super::{
    Accept, freshness,
    jwks::{self, JwksError},
    key_set::KeySet,
    source::{KeySource, Timing},
    url::KeyUrl,
};
use crate::outbound;

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
        let client = self
            .client
            .get_or_try_init(|| async { self.url.trusted().client(self.timing.fetch) })
            .await?;
        let asked_at = Instant::now();
        let answer = client.get(self.url.trusted().url().clone()).send().await;
        let answer = answer.map_err(reqwest::Error::without_url)?;
        // a redirect is not followed, and so is a failure like any other
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        let lifetime = freshness::lifetime(answer.headers());
        let body = outbound::body(answer, ANSWER_BYTES).await?;
        let keys = jwks::parse(&body.ok_or(FetchError::TooLong)?, self.accept)?;
        Ok(KeySet::new(keys, lifetime, asked_at, &self.timing))
    }
}
