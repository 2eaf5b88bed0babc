//! Where the shared store is.

use std::time::Duration;

use tenancy_core::{SecretRef, SecretRefError};

/// Where the Redis is that replicas share, and how long it is waited for.
#[derive(Clone, Debug)]
pub struct SharedConfig {
    /// The URL, `redis://` or `rediss://` (TLS), with the password in it.
    pub url: SecretRef,
    /// What the name of every key begins with. One for each group of replicas that share limits.
    pub prefix: String,
    /// How long one call may take. 100 ms.
    pub timeout: Duration,
    /// How many calls are on their way at a time; when there are more, a question waits for the key's next request. 256.
    pub calls: usize,
}

impl SharedConfig {
    /// The usual settings, for this URL.
    #[must_use]
    pub fn new(url: SecretRef) -> Self {
        Self {
            url,
            prefix: "tenancy".to_owned(),
            timeout: Duration::from_millis(100),
            calls: 256,
        }
    }
}

/// Why limits can't be shared. Never holds the URL.
#[derive(Debug, thiserror::Error)]
pub enum SharedError {
    /// The URL can't be had.
    #[error("the URL of Redis can't be had")]
    Secret(#[from] SecretRefError),
    /// The URL is none.
    #[error(
        "the URL of Redis must be `redis://[user:password@]host[:port][/database]`, or the same with `rediss://`"
    )]
    Url,
    /// TLS without a provider of cryptography.
    #[error("`rediss://` takes a provider of cryptography: install rustls' default one before")]
    Tls,
    /// Called outside of a tokio runtime.
    #[error("shared limits are made on a tokio runtime, which carries their calls")]
    Runtime,
}
