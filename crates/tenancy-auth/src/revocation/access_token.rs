//! What the service itself shows to Identity Platform.

use async_trait::async_trait;
use secrecy::SecretString;
use tenancy_core::{Error, Result, SecretRef};

/// Gives access tokens for Google's APIs, each valid for as long as one call takes. Keep a token until it is about to
/// expire: it is asked for with each lookup.
///
/// The account behind it needs the permission `firebaseauth.users.get` and no other.
#[async_trait]
pub trait AccessToken: Send + Sync + 'static {
    /// A token that is valid now, without the word `Bearer`.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`](tenancy_core::Kind::Unavailable) when there is none.
    async fn access_token(&self) -> Result<SecretString>;
}

/// A token that something else renews: a file is read again with each lookup.
#[async_trait]
impl AccessToken for SecretRef {
    async fn access_token(&self) -> Result<SecretString> {
        let reference = self.clone();
        let read = tokio::task::spawn_blocking(move || reference.reveal());
        match read.await {
            Ok(Ok(token)) => Ok(token),
            Ok(Err(error)) => Err(Error::unavailable("no access token can be read").with_source(error)),
            Err(error) => {
                Err(Error::unavailable("reading the access token was cancelled").with_source(error))
            }
        }
    }
}
