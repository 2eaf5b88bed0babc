//! Buckets of Google Cloud Storage.
//!
//! Reading and small writes go through the official client. Large writes go in a session of our own, and what has no content
//! by the JSON API itself, since that client would have gRPC for it, which no server for tests speaks.

mod address;
mod content;
mod failure;
mod json;
mod options;
mod parts;
mod session;

use std::{ops::Range, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use google_cloud_auth::credentials::Credentials;
use google_cloud_gax::{exponential_backoff::ExponentialBackoffBuilder, retry_throttler::CircuitBreaker};
use google_cloud_storage::client::Storage;
use reqwest::Url;
use tenancy_core::{Error, Result};

pub use self::options::{GcsCredentials, GcsOptions};
use crate::{
    Listing, Object, ObjectKey, ObjectMeta, Page, PutMode,
    backend::{Backend, Content},
    place::Place,
};

/// After so many failures in a row nothing is repeated, until something works: a store that is down is left alone. The
/// client's own throttle draws lots, and would give up an upload at the first cut line.
const FAILURES: u64 = 50;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The buckets that one service account reaches.
#[derive(Debug)]
pub(crate) struct Buckets {
    storage: Storage,
    http: reqwest::Client,
    credentials: Credentials,
    endpoint: Url,
}

impl Buckets {
    /// Asks nothing of the store yet.
    pub(crate) async fn open(options: &GcsOptions) -> Result<Self> {
        let endpoint = options.checked_endpoint()?;
        let credentials = options.credentials()?;
        let unusable =
            || Error::internal("the client of the object store can't be made; check TLS and the endpoint");
        let storage = Storage::builder()
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_credentials(credentials.clone())
            .with_retry_throttler(CircuitBreaker::clamp(FAILURES * 2, FAILURES, 1))
            .with_backoff_policy(
                ExponentialBackoffBuilder::new()
                    .with_initial_delay(FIRST_PAUSE)
                    .with_maximum_delay(LONGEST_PAUSE)
                    .clamp(),
            )
            .build()
            .await
            .map_err(|error| unusable().with_source(error))?;
        let http = json::client().map_err(|error| unusable().with_source(error))?;
        Ok(Self {
            storage,
            http,
            credentials,
            endpoint,
        })
    }
}

#[async_trait]
impl Backend for Buckets {
    async fn put(&self, place: &Place, key: &ObjectKey, content: Bytes, mode: PutMode) -> Result<ObjectMeta> {
        self.write(place, key, content, mode).await
    }

    async fn put_stream(
        &self,
        place: &Place,
        key: &ObjectKey,
        content: Content,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        self.upload(place, key, content, mode).await
    }

    async fn get(&self, place: &Place, key: &ObjectKey, range: Option<Range<u64>>) -> Result<Object> {
        self.read(place, key, range).await
    }

    async fn head(&self, place: &Place, key: &ObjectKey) -> Result<ObjectMeta> {
        self.look(place, key).await
    }

    async fn list(&self, place: &Place, listing: &Listing) -> Result<Page> {
        self.page(place, listing).await
    }

    async fn copy(&self, place: &Place, from: &ObjectKey, to: &ObjectKey, mode: PutMode) -> Result<()> {
        self.rewrite(place, from, to, mode).await
    }

    async fn delete(&self, place: &Place, key: &ObjectKey) -> Result<()> {
        self.remove(place, key).await
    }
}

/// What is known of an object. Its generation changes with each write, which is what an entity tag has to do.
fn meta(key: &ObjectKey, size: u64, generation: i64) -> ObjectMeta {
    ObjectMeta {
        key: key.clone(),
        size,
        etag: Some(format!("\"{generation}\"")),
    }
}
