//! Who asks: a user, a service, or an operator.

use async_trait::async_trait;
use http::{HeaderMap, Method};
use tenancy_core::{
    Error, Principal, Result,
    http::{Authenticate, Credentials},
};

use super::{ServiceVerifier, UserVerifier, sessions::Sessions, users::Users};
use crate::{
    OperatorVerifier, Revocation, SessionCookie, SessionCookieVerifier,
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
/// | anything else | the [`UserVerifier`] |
/// | no `Authorization` header, and the [`SessionCookie`] | the [`SessionCookieVerifier`], which takes nothing else |
#[derive(Clone, Debug)]
pub struct Authenticator {
    users: Users,
    services: Option<ServiceVerifier>,
    operators: Option<OperatorVerifier>,
    sessions: Option<Sessions>,
}

impl Authenticator {
    /// Takes users' tokens, and trusts no service and no operator.
    #[must_use]
    pub fn new(users: impl Into<UserVerifier>) -> Self {
        Self {
            users: Users::new(users.into()),
            services: None,
            operators: None,
            sessions: None,
        }
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

    /// Takes session cookies as well, from requests without an `Authorization` header; with `revocation`, who was disabled or signed
    /// out everywhere gets in no more. A cookie lives for up to 14 days: do not leave it out.
    ///
    /// Other services take no cookies: who came with one is not passed on, to a service or into a queue.
    #[must_use]
    pub fn with_sessions(
        mut self,
        cookie: SessionCookie,
        verifier: SessionCookieVerifier,
        revocation: Option<Revocation>,
    ) -> Self {
        self.sessions = Some(Sessions::new(cookie, verifier, revocation));
        self
    }

    /// Keeps users' tokens in the contexts, for a deployment that calls other services or queues jobs in its users' names. They
    /// are erased with the context, and no log shows them.
    #[must_use]
    pub fn keeping_user_tokens(mut self) -> Self {
        self.users.keep = true;
        self
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
        match credentials.actor {
            None => self.users.known(credentials.bearer).map(Principal::User),
            Some(_) => None,
        }
    }

    async fn session(&self, method: &Method, headers: &HeaderMap) -> Result<Option<Principal>> {
        match &self.sessions {
            Some(sessions) => sessions.principal(method, headers).await,
            None => Ok(None),
        }
    }
}
