//! What turns a request's credentials into a principal.

use async_trait::async_trait;
use http::{HeaderMap, Method};

use crate::{Principal, Result};

/// How a token comes with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// After `Bearer ` in the `Authorization` header.
    Header,
    /// In a session cookie, which a browser sends along by itself.
    Cookie,
}

/// What a request's head says about who asks.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The token: who has it is who asks.
    pub bearer: &'a str,
    /// How it came. What is taken in the one place is not taken in the other.
    pub means: Means,
    /// The token of the user in whose name a service calls: the header `X-Actor-Token`.
    pub actor: Option<&'a str>,
    /// The request's method: a service token is bound to it.
    pub method: &'a Method,
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

    /// The session cookie of a request that has no `Authorization` header, where sessions are taken; `None` when it has none.
    ///
    /// # Errors
    ///
    /// [`Kind::Unauthenticated`](crate::Kind::Unauthenticated) when the user may not have meant to send it.
    fn cookie<'a>(&self, method: &Method, headers: &'a HeaderMap) -> Result<Option<&'a str>> {
        let _ = (method, headers);
        Ok(None)
    }

    /// The principal of credentials that were verified before and would be again, when that is known without waiting; else
    /// [`authenticate`](Self::authenticate) finds out. It boxes no future: a layer asks here first.
    fn known(&self, credentials: Credentials<'_>) -> Option<Principal> {
        let _ = credentials;
        None
    }
}
