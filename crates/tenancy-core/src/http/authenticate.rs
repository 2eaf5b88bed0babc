//! What turns a bearer token into a verified identity.

use async_trait::async_trait;

use crate::{Result, VerifiedIdentity};

/// Turns a bearer token into a verified identity. `tenancy-auth` implements it.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Verifies `token`: what stands after `Bearer ` in the `Authorization` header.
    ///
    /// # Errors
    ///
    /// [`Kind::Unauthenticated`](crate::Kind::Unauthenticated), with the check that failed in the log only;
    /// [`Kind::Unavailable`](crate::Kind::Unavailable) when the keys to check with can't be had.
    async fn authenticate(&self, token: &str) -> Result<VerifiedIdentity>;
}
