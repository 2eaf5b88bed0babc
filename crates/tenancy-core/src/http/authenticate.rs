//! What turns a request's credentials into a principal.

use async_trait::async_trait;

use crate::{Principal, Result};

/// What a request's head says about who asks.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// What stands after `Bearer ` in the `Authorization` header.
    pub bearer: &'a str,
    /// The token of the user in whose name a service calls: the header `X-Actor-Token`.
    pub actor: Option<&'a str>,
    /// The request's method: a service token is bound to it.
    pub method: &'a http::Method,
    /// The request's whole path, as the client sent it: a service token is bound to it.
    pub path: &'a str,
}

/// Turns credentials into a principal. `tenancy-auth` implements it.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Verifies the credentials.
    ///
    /// # Errors
    ///
    /// [`Kind::Unauthenticated`](crate::Kind::Unauthenticated), with the check that failed in the log only;
    /// [`Kind::Unavailable`](crate::Kind::Unavailable) when the keys to check with can't be had.
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal>;

    /// The principal of credentials that were verified before and would be again, when that is known without waiting; else
    /// [`authenticate`](Self::authenticate) finds out. It boxes no future: a layer asks here first.
    fn known(&self, credentials: Credentials<'_>) -> Option<Principal> {
        let _ = credentials;
        None
    }
}
