//! Who signs, for which server, and by which clock.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use tenancy_core::{Directory, Error, Result, SecretRef};

use super::{
    ServiceAccount, SignBlob, UrlEndpoint,
    key_file::KeyFile,
    v4::{Draft, Unsigned},
};

/// Signs URLs of object stores, for tenants that a directory says are served.
///
/// The account that signs needs to read and write objects, and nothing else: what it may not do, no URL of it can.
#[derive(Clone)]
pub struct UrlSigner {
    key: Key,
    pub(super) endpoint: UrlEndpoint,
    pub(super) directory: Arc<dyn Directory>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

#[derive(Clone)]
enum Key {
    File { account: ServiceAccount, at: SecretRef },
    Cloud(SignBlob),
}

impl UrlSigner {
    /// Signs with the key file of a service account. It is read here, to prove that it is one, and again for each URL: a
    /// key that was renewed is used at once.
    ///
    /// The cloud advises against key files; prefer [`sign_blob`](Self::sign_blob) where there is a workload identity.
    ///
    /// # Errors
    ///
    /// `Unavailable` when it can't be read, `Internal` when it is no service account's RSA key.
    pub fn key_file(reference: SecretRef, directory: Arc<dyn Directory>) -> Result<Self> {
        let account = KeyFile::read(&reference)?.account;
        let at = reference;
        Ok(Self::new(Key::File { account, at }, directory))
    }

    /// Signs by the cloud's `signBlob`.
    #[must_use]
    pub fn sign_blob(sign_blob: SignBlob, directory: Arc<dyn Directory>) -> Self {
        Self::new(Key::Cloud(sign_blob), directory)
    }

    fn new(key: Key, directory: Arc<dyn Directory>) -> Self {
        Self {
            key,
            endpoint: UrlEndpoint::default(),
            directory,
            clock: Arc::new(Timestamp::now),
        }
    }

    /// Signs for another server than Google's own: a custom domain in front of it, or one of a test.
    #[must_use]
    pub fn at(mut self, endpoint: UrlEndpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// Signs by another clock than the system's.
    #[must_use]
    pub fn by_clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(super) fn account(&self) -> &ServiceAccount {
        match &self.key {
            Key::File { account, .. } => account,
            Key::Cloud(cloud) => cloud.account(),
        }
    }

    pub(super) async fn sign(&self, draft: &Draft<'_>) -> Result<String> {
        let unsigned = draft.unsigned();
        match &self.key {
            Key::File { account, at } => by_file(account.clone(), at.clone(), unsigned).await,
            Key::Cloud(cloud) => {
                let signature = cloud.sign(&unsigned.message).await?;
                Ok(unsigned.with(&signature))
            }
        }
    }
}

/// Where it may block: a file is read, and a signature takes about a millisecond.
async fn by_file(account: ServiceAccount, at: SecretRef, unsigned: Unsigned) -> Result<String> {
    let work = move || {
        let key = KeyFile::read(&at)?;
        if key.account != account {
            return Err(Error::unavailable(
                "the key that signs URLs is another account's than at the start: restart the service",
            ));
        }
        let signature = key.sign(&unsigned.message)?;
        Ok(unsigned.with(&signature))
    };
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Error::unavailable("signing a URL was cancelled").with_source(error)))
}

impl fmt::Debug for UrlSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UrlSigner")
            .field("account", self.account())
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
