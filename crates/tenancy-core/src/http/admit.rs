//! From a request's head to its context, or to what refuses it.

use std::{pin::pin, sync::atomic::Ordering};

use axum::extract::OriginalUri;
use http::{header, request::Parts};
use tokio::time::{Instant, timeout_at};
use tracing::Span;

use super::{
    ClientAddress, Credentials, Means, bearer, bearer::PathTenants, deadline::until, layer::Shared,
    observe::Observed, series::Decided,
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
        let context = until(self.deadline(observed), pin!(self.context(parts, observed)))
            .await
            .ok_or_else(|| Error::unavailable("who asks was not found out before the deadline"))??;
        observed.resolved(&context, span);
        let place = match &self.limits {
            Some(limits) => self.place(limits.as_ref(), &context, observed).await?,
            None => Place::FREE,
        };
        Ok((context, place))
    }

    /// Who asks, and within which tenant. It waits for whoever answers that: not beyond the request's deadline.
    async fn context(&self, parts: &mut Parts, observed: &Observed) -> Result<TenantContext> {
        let path = PathTenants::of(parts).await;
        let principal = self.principal(parts).await?;
        let hints = bearer::hints(parts, &path);
        let deadline = observed.started.checked_add(self.timeout);
        self.resolver
            .resolve(&principal, &hints, observed.id, deadline)
            .await
    }

    async fn principal(&self, parts: &Parts) -> Result<Principal> {
        let (token, means) = self.token(parts)?;
        // a router that is nested sees a part of the path; a proof is bound to the whole
        let asked = parts.extensions.get::<OriginalUri>();
        let credentials = Credentials {
            bearer: token,
            means,
            actor: bearer::actor_token(&parts.headers)?,
            method: &parts.method,
            path: asked.map_or(&parts.uri, |OriginalUri(asked)| asked).path(),
        };
        match self.authenticate.known(credentials) {
            Some(principal) => Ok(principal),
            None => self.authenticate.authenticate(credentials).await,
        }
    }

    /// The header's token, else the session's: a request that has both says who asks by its header.
    fn token<'a>(&self, parts: &'a Parts) -> Result<(&'a str, Means)> {
        if !parts.headers.contains_key(header::AUTHORIZATION)
            && let Some(cookie) = self.authenticate.cookie(&parts.method, &parts.headers)?
        {
            return Ok((cookie, Means::Cookie));
        }
        Ok((bearer::bearer(&parts.headers)?, Means::Header))
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
