//! From a request's head to its context, or to what refuses it.

use std::sync::atomic::Ordering;

use http::{header, request::Parts};
use tokio::time::{Instant, timeout_at};
use tracing::Span;

use super::{
    ClientAddress, Credentials, bearer, bearer::PathTenants, layer::Shared, observe::Observed,
    series::Decided,
};
use crate::{Entry, Error, Limits, Place, Principal, Result, TenantContext, Verdict};

impl Shared {
    /// Everything that comes before the handler.
    pub(super) async fn admit(
        &self,
        parts: &mut Parts,
        observed: &mut Observed,
        span: &Span,
    ) -> Result<(TenantContext, Place)> {
        if let Some(limits) = &self.limits {
            self.address(limits.as_ref(), parts, observed)?;
        }
        let path = PathTenants::of(parts).await;
        let principal = self.principal(parts).await?;
        let hints = bearer::hints(parts, &path);
        let deadline = observed.started.checked_add(self.timeout);
        let resolved = self.resolver.resolve(&principal, &hints, observed.id, deadline);
        let context = resolved.await?;
        observed.resolved(&context, span);
        let place = match &self.limits {
            Some(limits) => self.place(limits.as_ref(), &context, observed).await?,
            None => Place::FREE,
        };
        Ok((context, place))
    }

    async fn principal(&self, parts: &Parts) -> Result<Principal> {
        if !parts.headers.contains_key(header::AUTHORIZATION)
            && let Some(principal) = self.authenticate.session(&parts.method, &parts.headers).await?
        {
            return Ok(principal);
        }
        let credentials = Credentials {
            bearer: bearer::bearer(&parts.headers)?,
            actor: bearer::actor_token(&parts.headers)?,
            method: &parts.method,
            path: parts.uri.path(),
        };
        match self.authenticate.known(credentials) {
            Some(principal) => Ok(principal),
            None => self.authenticate.authenticate(credentials).await,
        }
    }

    fn address(&self, limits: &dyn Limits, parts: &Parts, observed: &mut Observed) -> Result<()> {
        let Some(ClientAddress(address)) = ClientAddress::of(&parts.extensions) else {
            if !self.no_address.swap(true, Ordering::Relaxed) {
                tracing::warn!("no request has its client's address: addresses are not limited");
            }
            return Ok(());
        };
        match limits.address(address) {
            Verdict::Allowed(_) => {
                observed.allowed.address = true;
                Ok(())
            }
            limited => used_up("address", limited, observed),
        }
    }

    async fn place(
        &self,
        limits: &dyn Limits,
        context: &TenantContext,
        observed: &mut Observed,
    ) -> Result<Place> {
        match limits.request(context) {
            Verdict::Allowed(rate) => {
                observed.allowed.rates = true;
                observed.rate = rate;
            }
            limited => used_up("rate", limited, observed)?,
        }
        let (decision, entered) = match limits.enter(context) {
            Entry::Now(place) => {
                observed.allowed.place = true;
                return Ok(place);
            }
            Entry::Later(turn) => match timeout_at(self.deadline(observed), turn).await {
                Ok(Ok(place)) => ("queued", Ok(place)),
                Ok(Err(error)) => ("refused", Err(error)),
                Err(_) => (
                    "refused",
                    Err(Error::unavailable("no place came before the deadline")),
                ),
            },
            Entry::Refused(error) => ("refused", Err(error)),
        };
        observed.decided = Some(Decided {
            policy: "place",
            decision,
        });
        entered
    }

    /// When the request has to be answered.
    pub(super) fn deadline(&self, observed: &Observed) -> Instant {
        let started = Instant::from_std(observed.started);
        started.checked_add(self.timeout).unwrap_or(started)
    }
}

/// What a rate that is used up comes to.
fn used_up(policy: &'static str, verdict: Verdict, observed: &mut Observed) -> Result<()> {
    let Verdict::Limited { rate, retry_after } = verdict else {
        return Ok(());
    };
    observed.rate = Some(rate);
    observed.decided = Some(Decided {
        policy,
        decision: "limited",
    });
    Err(Error::rate_limited(retry_after))
}
