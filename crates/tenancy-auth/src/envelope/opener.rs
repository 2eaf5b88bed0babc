//! The side that works: an envelope is verified.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tenancy_core::{Epoch, Error, Kind, Principal, ProofId, RequestId, trust};

use super::{JobKind, TenantEnvelope, claims::JobClaims};
use crate::{
    ServiceVerifier, UserVerifier,
    proof::{Proof, ProofKind, Times, sha256},
    service::{Trusted, Users},
    token::Refusal,
};

/// Verifies the envelopes of one queue. Cheap to clone.
///
/// It proves who asked, as of then; the [`Resolver`](tenancy_core::Resolver) still has to say what tenant, membership and plan are now.
#[derive(Clone, Debug)]
pub struct JobOpener {
    services: ServiceVerifier,
    users: Users,
    oldest: i64,
}

/// What an envelope proved.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenedJob {
    /// Who asked: a user through a service, or a service.
    pub principal: Principal,
    /// The name of this one job: the same when it is delivered again.
    pub id: ProofId,
    /// The request that asked for it.
    pub request: RequestId,
    /// The trace of that request: a `traceparent` of W3C Trace Context.
    pub trace: Option<String>,
    /// The placement's epoch when it was queued: for the log, and never where data is looked for.
    pub epoch: Epoch,
    /// From when on nobody takes the envelope.
    pub expires_at: Timestamp,
}

/// Why an envelope proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It waited for too long.
    #[error("the envelope has expired")]
    Expired,
    /// It is not one that a trusted service sealed for this queue, this kind and this payload, or the user in it was none.
    #[error("the envelope is refused: {0}")]
    Forged(String),
    /// Whether it is one can't be known now: try again.
    #[error("the keys of the envelope can't be had")]
    Unavailable(#[source] Error),
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        match error.kind() {
            Kind::Unavailable => Self::Unavailable(error),
            _ => Self::Forged(error.log().unwrap_or("a check failed").to_owned()),
        }
    }
}

impl From<Refusal> for OpenError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::EXPIRED => Self::Expired,
            other => Self::Forged(other.to_string()),
        }
    }
}

impl JobOpener {
    /// Opens envelopes for the name that `services` verifies for: the queue's. Those of a day at most are taken.
    #[must_use]
    pub fn new(services: ServiceVerifier, users: impl Into<UserVerifier>) -> Self {
        Self {
            services,
            users: Users::new(users.into()),
            oldest: 24 * 3600,
        }
    }

    /// The most that an envelope may be made to wait. It bounds for how long a user's token proves the user to this worker after it
    /// ended.
    #[must_use]
    pub fn with_oldest(mut self, oldest: Duration) -> Self {
        self.oldest = i64::try_from(oldest.as_secs()).unwrap_or(i64::MAX);
        self
    }

    /// Keeps users' tokens in the contexts, for a worker that calls other services in its users' names. Those take the
    /// token until it ends, and no longer.
    #[must_use]
    pub fn keeping_user_tokens(mut self) -> Self {
        self.users.keep = true;
        self
    }

    /// Verifies an envelope for the job that lies beside it.
    ///
    /// # Errors
    ///
    /// [`OpenError`]. What is expired or forged is so for ever.
    ///
    /// # Cost
    ///
    /// A SHA-256 of the payload, one signature, and one more for a user's token; no I/O while the keys are cached.
    pub async fn open(
        &self,
        envelope: &TenantEnvelope,
        kind: &JobKind,
        payload: &[u8],
    ) -> Result<OpenedJob, OpenError> {
        let proof = Proof::parse(envelope.expose(), ProofKind::Job)?;
        let claims: JobClaims = proof.claims(&JobClaims::MEMBERS)?;
        let trusted = self
            .services
            .trust
            .admit(&claims.iss, &claims.aud, claims.tenant)?;
        let times = Times {
            iat: claims.iat,
            exp: claims.exp,
        };
        times.check(Timestamp::now().as_second(), self.oldest)?;
        if claims.kind != *kind {
            return Err(Refusal::claim("kind", "is another").into());
        }
        if claims.payload != sha256(payload) {
            return Err(Refusal::claim("payload", "is another").into());
        }
        proof.check(&*trusted.keys.key(proof.kid()).await?)?;
        // the leeway is part of it: a ledger that forgot the job sooner would give it a second turn
        self.opened(claims, trusted, times.forgotten_at()).await
    }

    async fn opened(
        &self,
        claims: JobClaims,
        trusted: &Trusted,
        expires_at: Timestamp,
    ) -> Result<OpenedJob, OpenError> {
        let queued_at =
            Timestamp::from_second(claims.iat).map_err(|_| Refusal::claim("iat", "is no time"))?;
        let user = match claims.user {
            Some(token) => Some(self.users.verify_as_of(&token, queued_at).await?),
            None => None,
        };
        let permissions = Arc::clone(&trusted.permissions);
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the place that may swear: every check has passed"
        )]
        let service =
            trust::service_verified(claims.iss.clone(), claims.tenant, permissions, user, expires_at);
        Ok(OpenedJob {
            principal: Principal::Service(service),
            id: ProofId {
                tenant: claims.tenant,
                issuer: claims.iss,
                id: claims.jti,
            },
            request: claims.request,
            trace: claims
                .trace
                .filter(|trace| crate::outgoing::is_trace_parent(trace)),
            epoch: claims.epoch,
            expires_at,
        })
    }
}
