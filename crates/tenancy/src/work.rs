//! Work beyond the request: calls to other services, jobs, and runs over all tenants.

use std::sync::Arc;

use tenancy_auth::{JobRunner, JobSealer, OutgoingLayer, ServiceSigner, TraceParent};
use tenancy_core::{Error, FanOut, JobLedger, Result, ServiceName};

use crate::{Tenancy, telemetry};

impl Tenancy {
    /// The layer of a client that calls the service `target` (the name in its own `service.name`) in the name of who asks: a service
    /// token for this one call, beside the user's own token.
    ///
    /// # Errors
    ///
    /// `Internal` when `target` is no name of a service, or the configuration has no `service.keys`.
    pub fn outgoing(&self, target: &str) -> Result<OutgoingLayer> {
        Ok(OutgoingLayer::new(self.signer()?.clone(), name(target)?).with_trace(trace()))
    }

    /// Where the service `target` is: `service.peers.<target>`.
    ///
    /// # Errors
    ///
    /// `Internal` when the configuration does not say.
    pub fn peer(&self, target: &str) -> Result<&str> {
        let section = self.config.service.as_ref();
        let url = section.and_then(|section| section.peers.get(&name(target).ok()?));
        let missing = || Error::internal(format!("`service.peers.{target}` is not configured"));
        url.map(String::as_str).ok_or_else(missing)
    }

    /// Seals jobs for the queue of the service `worker`: another's, or this one's own.
    ///
    /// # Errors
    ///
    /// As [`outgoing`](Self::outgoing).
    pub fn sealer(&self, worker: &str) -> Result<JobSealer> {
        Ok(JobSealer::new(self.signer()?.clone(), name(worker)?).with_trace(trace()))
    }

    /// Does the jobs of this service's own queue: those that it sealed itself, and those of services that it trusts. What was done
    /// is known to all workers that share the Redis of `service.redis` or `limits.redis`; without one, to this process alone.
    ///
    /// # Errors
    ///
    /// `Internal` when the configuration has no `service` section.
    pub fn runner(&self) -> Result<JobRunner> {
        self.runner_with(Arc::clone(&self.ledger))
    }

    /// The same, with a ledger of your own that all workers of the queue share: what one did, none does again.
    ///
    /// # Errors
    ///
    /// As [`runner`](Self::runner).
    pub fn runner_with(&self, ledger: Arc<dyn JobLedger>) -> Result<JobRunner> {
        let opener = self.services.opener();
        let opener = opener.ok_or_else(|| Error::internal("`service.name` is not configured"))?;
        Ok(JobRunner::new(opener, Arc::clone(&self.resolver), ledger))
    }

    /// Work for every tenant of the deployment, in this service's own name and with what `service.permissions` lists.
    ///
    /// # Errors
    ///
    /// As [`outgoing`](Self::outgoing).
    pub fn fan_out(&self) -> Result<FanOut> {
        let own = self.services.own().ok_or_else(no_keys)?;
        Ok(FanOut::new(
            Arc::clone(&self.tenants),
            Arc::clone(&self.resolver),
            own,
        ))
    }

    /// What this service signs with; its [`published`](ServiceSigner::published) is the route of its public keys.
    ///
    /// # Errors
    ///
    /// `Internal` when the configuration has no `service.keys`.
    pub fn signer(&self) -> Result<&ServiceSigner> {
        self.services.signer().ok_or_else(no_keys)
    }
}

fn trace() -> TraceParent {
    TraceParent::new(telemetry::traceparent)
}

fn no_keys() -> Error {
    Error::internal("`service.keys` is not configured")
}

fn name(text: &str) -> Result<ServiceName> {
    text.parse()
        .map_err(|e| Error::internal("no name of a service").with_source(e))
}
