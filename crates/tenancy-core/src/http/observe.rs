//! A request as logs, traces and metrics see it.

use std::time::{Duration, Instant};

use axum::{extract::MatchedPath, response::Response};
use http::{HeaderValue, Request};
use tracing::{Span, field::Empty};
use uuid::{Uuid, fmt::Hyphenated};

use super::{
    bearer, rates,
    respond::Denial,
    series::{self, Allowed, Counted, Decided, Series, method},
};
use crate::{
    Actor, Rate, RequestId, TenantContext, TenantId, Tier,
    telemetry::{REQUEST_SPAN, REQUEST_TARGET},
};

/// What servers write of a request whose client closed the connection before its answer. No standard has it.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// What is known of a request, from its head to its answer.
pub(super) struct Observed {
    pub(super) id: RequestId,
    pub(super) started: Instant,
    route: Option<MatchedPath>,
    method: &'static str,
    tenant: Option<(TenantId, Tier)>,
    pub(super) allowed: Allowed,
    pub(super) decided: Option<Decided>,
    /// What the limits said: the response's headers.
    pub(super) rate: Option<Rate>,
}

impl Observed {
    pub(super) fn new<B>(request: &Request<B>) -> Self {
        Self {
            id: bearer::request_id(request.headers()),
            started: tokio::time::Instant::now().into_std(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            method: method(request.method()),
            tenant: None,
            allowed: Allowed::default(),
            decided: None,
            rate: None,
        }
    }

    /// The span of the request, of the highest level: whatever is logged of it has it. A route is the pattern, never the path: a path holds ids, and what a client invents.
    pub(super) fn span(&self) -> Span {
        let mut buffer = [0; Hyphenated::LENGTH];
        tracing::error_span!(
            target: REQUEST_TARGET,
            REQUEST_SPAN,
            request.id = text(self.id.as_uuid(), &mut buffer),
            tenant.id = Empty,
            tenant.tier = Empty,
            actor.kind = Empty,
            actor.id = Empty,
            http.method = self.method,
            http.route = self.route(),
            otel.name = self.route(),
            otel.kind = "server",
        )
    }

    fn route(&self) -> &str {
        self.route.as_ref().map_or("", MatchedPath::as_str)
    }

    /// From now on every line says whose request it is.
    pub(super) fn resolved(&mut self, context: &TenantContext, span: &Span) {
        let (tenant, tier) = (context.tenant_id(), context.tier());
        self.tenant = Some((tenant, tier));
        let (mut tenant_text, mut user_text) = ([0; Hyphenated::LENGTH], [0; Hyphenated::LENGTH]);
        let (kind, id) = match context.actor() {
            Actor::User { id, .. } => ("user", text(id.as_uuid(), &mut user_text)),
            Actor::Service { name, .. } => ("service", name.as_str()),
            Actor::Operator { .. } => ("operator", ""),
        };
        tracing::record_all!(
            span,
            tenant.id = text(tenant.as_uuid(), &mut tenant_text),
            tenant.tier = tier.as_str(),
            actor.kind = kind,
            actor.id = id
        );
    }

    /// The client is told the request's id and its rate, the log how it ended, and the metrics that it did.
    pub(super) fn conclude(&self, response: &mut Response, series: &Series) {
        let mut buffer = [0; Hyphenated::LENGTH];
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(text(self.id.as_uuid(), &mut buffer)) {
            headers.insert(bearer::REQUEST_ID, value);
        }
        if let Some(rate) = &self.rate {
            rates::set(headers, rate);
        }
        let status = response.status().as_u16();
        let (now, took) = self.took();
        tracing::info!(http.status = status, duration_us = micros(took), "answered");
        let denial = response.extensions_mut().remove::<Denial>();
        self.count((series::class(status), took, denial), series, now);
    }

    /// Nobody is told anything any more: the log and the metrics have how it ended all the same.
    pub(super) fn abandon(&self, series: &Series) {
        let (now, took) = self.took();
        // a handler that panics is dropped too
        let (status, class) = match std::thread::panicking() {
            true => (500, series::class(500)),
            false => (CLIENT_CLOSED_REQUEST, series::CANCELLED),
        };
        tracing::info!(
            http.status = status,
            duration_us = micros(took),
            "ended without an answer"
        );
        self.count((class, took, None), series, now);
    }

    fn took(&self) -> (Instant, Duration) {
        let now = tokio::time::Instant::now().into_std();
        (now, now.saturating_duration_since(self.started))
    }

    fn count(
        &self,
        (class, took, denial): (&'static str, Duration, Option<Denial>),
        series: &Series,
        now: Instant,
    ) {
        let counted = Counted {
            route: self.route(),
            method: self.method,
            class,
            tenant: self.tenant,
            took,
            allowed: self.allowed,
            decided: self.decided,
            denial,
        };
        series.count(&counted, now);
    }
}

/// An id on the stack.
fn text(id: Uuid, buffer: &mut [u8; Hyphenated::LENGTH]) -> &str {
    id.hyphenated().encode_lower(buffer)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
