//! Who asks: a user, a service, or an operator.

use async_trait::async_trait;
use http::{HeaderMap, Method};
use tenancy_core::{
    Error, Principal, Result,
    http::{Authenticate, Credentials, Means},
};

use super::{ServiceVerifier, Sessions, UserVerifier, users::Users};
use crate::{
    OperatorVerifier,
    proof::{ProofKind, peek},
};

/// Turns credentials into a principal: users' tokens, and what services and the control plane sign, where they are trusted.
///
/// What a token says that it is (`typ`) chooses the one verifier that looks at it, and that one checks it again: no token is
/// verified by two, and none is tried at a second one after a first refused it.
///
/// | what comes | who verifies it |
/// |---|---|
/// | `typ: tenancy-service+jwt`, with the user's own token in `X-Actor-Token` or none | [`ServiceVerifier`] |
/// | `typ: tenancy-operator+jwt` | [`OperatorVerifier`] |
/// | a session cookie, and no `Authorization` header | the verifier of [`Sessions`], and no other |
/// | anything else | the [`UserVerifier`] |
///
/// A cookie is never handed on: what a user with a session asks is answered here, and calls in the user's name need an ID
/// token.
#[derive(Clone, Debug)]
pub struct Authenticator {
    users: Users,
    sessions: Option<Sessions>,
    services: Option<ServiceVerifier>,
    operators: Option<OperatorVerifier>,
}

impl Authenticator {
    /// Takes users' tokens, and trusts no service and no operator.
    #[must_use]
    pub fn new(users: impl Into<UserVerifier>) -> Self {
        Self {
            users: Users::new(users.into()),
            sessions: None,
            services: None,
            operators: None,
        }
    }

    /// Takes session cookies as well.
    #[must_use]
    pub fn with_sessions(mut self, sessions: Sessions) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// Trusts services as well.
    #[must_use]
    pub fn with_services(mut self, services: ServiceVerifier) -> Self {
        self.services = Some(services);
        self
    }

    /// Trusts operators of the platform as well. A pinned deployment may do without.
    #[must_use]
    pub fn with_operators(mut self, operators: OperatorVerifier) -> Self {
        self.operators = Some(operators);
        self
    }

    /// Keeps users' tokens in the contexts, for a deployment that calls other services or queues jobs in its users' names. They
    /// are erased with the context, and no log shows them.
    #[must_use]
    pub fn keeping_user_tokens(mut self) -> Self {
        self.users.keep = true;
        self
    }

    async fn session(&self, credentials: Credentials<'_>) -> Result<Principal> {
        match (&self.sessions, credentials.actor) {
            (Some(sessions), None) => Ok(Principal::User(sessions.verify(credentials.bearer).await?)),
            (Some(_), Some(_)) => Err(Error::unauthenticated("an actor token beside a session")),
            (None, _) => Err(Error::unauthenticated("no session is taken here")),
        }
    }

    /// Nobody sends a user's token beside a proof that is no service's.
    async fn alone(&self, credentials: Credentials<'_>) -> Result<Principal> {
        if credentials.actor.is_some() {
            return Err(Error::unauthenticated(
                "an actor token beside a token that is no service's",
            ));
        }
        match (peek(credentials.bearer), &self.operators) {
            (None, _) => Ok(Principal::User(self.users.verify(credentials.bearer).await?)),
            (Some(ProofKind::Operator), Some(operators)) => {
                Ok(Principal::Operator(operators.verify(credentials.bearer).await?))
            }
            (Some(_), _) => Err(Error::unauthenticated("a proof of a kind that is not taken here")),
        }
    }
}

#[async_trait]
impl Authenticate for Authenticator {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal> {
        if credentials.means == Means::Cookie {
            return self.session(credentials).await;
        }
        match (peek(credentials.bearer), &self.services) {
            (Some(ProofKind::Service), Some(services)) => {
                let service = services.verify(credentials, &self.users).await?;
                Ok(Principal::Service(service))
            }
            _ => self.alone(credentials).await,
        }
    }

    /// A user who is known; a proof is never taken from memory.
    fn known(&self, credentials: Credentials<'_>) -> Option<Principal> {
        let known = match (credentials.actor, credentials.means) {
            (None, Means::Header) => self.users.known(credentials.bearer),
            (None, Means::Cookie) => self.sessions.as_ref()?.known(credentials.bearer),
            (Some(_), _) => None,
        };
        known.map(Principal::User)
    }

    fn cookie<'a>(&self, method: &Method, headers: &'a HeaderMap) -> Result<Option<&'a str>> {
        match &self.sessions {
            Some(sessions) => sessions.of(method, headers),
            None => Ok(None),
        }
    }
}
