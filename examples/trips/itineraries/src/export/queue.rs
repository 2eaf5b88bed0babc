//! The queue of the service's own jobs: who puts one in.

use tenancy::{Error, JobKind, JobSealer, Result, TenantContext, TenantEnvelope};

/// Seals the jobs of exports.
#[derive(Clone, Debug)]
pub struct Queue {
    sealer: JobSealer,
    kind: JobKind,
}

/// What the job is called in its envelope.
pub(super) fn kind() -> Result<JobKind> {
    let kind = "itineraries.export".parse();
    kind.map_err(|e| Error::internal("no kind of job").with_source(e))
}

impl Queue {
    /// A queue whose envelopes `sealer` seals.
    ///
    /// # Errors
    ///
    /// None: the kind is a constant.
    pub fn new(sealer: JobSealer) -> Result<Self> {
        Ok(Self {
            sealer,
            kind: kind()?,
        })
    }

    pub(super) fn seal(&self, ctx: &TenantContext, payload: &[u8]) -> Result<TenantEnvelope> {
        self.sealer.seal(ctx, &self.kind, payload)
    }
}
