//! The side that queues.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use tenancy_core::{Result, ServiceName, TenantContext};
use uuid::Uuid;

use super::{JobKind, TenantEnvelope, claims::JobClaims};
use crate::{
    ServiceSigner,
    outgoing::TraceParent,
    proof::{ProofKind, sha256},
    service::speaker,
};

/// Seals jobs for one queue.
#[derive(Clone, Debug)]
pub struct JobSealer {
    signer: ServiceSigner,
    queue: ServiceName,
    life: Duration,
    own_name: bool,
    trace: TraceParent,
}

impl JobSealer {
    /// Seals jobs for the workers that are called `queue`, to be done within a day.
    #[must_use]
    pub fn new(signer: ServiceSigner, queue: ServiceName) -> Self {
        Self {
            signer,
            queue,
            life: Duration::from_secs(24 * 3600),
            own_name: false,
            trace: TraceParent::default(),
        }
    }

    /// How long a job may wait. A worker refuses what may wait for longer than it takes.
    #[must_use]
    pub fn with_life(mut self, life: Duration) -> Self {
        self.life = life;
        self
    }

    /// Lets work that another service asked for in its own name be queued in this one's name, and so with what this one may
    /// do. Without it, that is refused.
    #[must_use]
    pub fn in_own_name(mut self) -> Self {
        self.own_name = true;
        self
    }

    /// Where the trace comes from.
    #[must_use]
    pub fn with_trace(mut self, trace: TraceParent) -> Self {
        self.trace = trace;
        self
    }

    /// Seals a job: bound to the queue, to the context's tenant and actor, to its kind and to this payload.
    ///
    /// # Errors
    ///
    /// `Unauthenticated` for an operator, and for a user who came with a session cookie, or whose token was not kept: who comes with
    /// a token may. `Internal` when another service asked in its own name.
    pub fn seal(&self, context: &TenantContext, kind: &JobKind, payload: &[u8]) -> Result<TenantEnvelope> {
        let user = speaker(context, self.signer.name(), self.own_name)?;
        let iat = Timestamp::now().as_second();
        let life = i64::try_from(self.life.as_secs()).unwrap_or(i64::MAX);
        let claims = JobClaims {
            iss: self.signer.name().clone(),
            aud: self.queue.clone(),
            tenant: context.tenant_id(),
            iat,
            exp: iat.saturating_add(life),
            jti: Uuid::now_v7(),
            kind: kind.clone(),
            payload: sha256(payload),
            epoch: context.epoch(),
            request: context.request_id(),
            trace: Some(self.trace.of(context)),
            user: user.map(|token| token.expose_secret().to_owned()),
        };
        let sealed = self.signer.sign(ProofKind::Job, &claims)?;
        sealed
            .parse()
            .map_err(|e| tenancy_core::Error::internal("an envelope is too long").with_source(e))
    }
}
