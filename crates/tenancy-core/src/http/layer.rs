//! The tower layer that gives each request its tenant.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use http::HeaderMap;
use tower::Layer;
use tracing::Span;

use super::{Authenticate, TenantService, series::Series};
use crate::{Limits, Resolver, telemetry::TenantLabels};

/// Gives each request its tenant, or refuses it.
///
/// # Flow
///
/// 1. A span with the request's id. Tenant, tier and actor are added when they are known, so every line of the handler has them.
/// 2. The rate of the client's address: its [`ClientAddress`](super::ClientAddress), else the peer of the connection.
/// 3. The token.
/// 4. The tenant, agreed to by host, header and path, and the membership.
/// 5. The rates of tenant and user.
/// 6. A place among the tenant's concurrent requests, or a turn in its queue.
/// 7. The handler, under a deadline, with a [`TenantContext`](crate::TenantContext) in the request's extensions. The time in
///    the queue counts.
///
/// 2, 5 and 6 need [`with_limits`](Self::with_limits).
///
/// # Guarantees
///
/// A request whose client goes away before its answer is dropped, and is in the log with status 499 and in the metrics as
/// `cancelled`. The headers that prove who asks (`Authorization`, `Cookie`, `X-Actor-Token`) are marked: who prints the headers
/// sees `Sensitive` in their place.
///
/// A refusal has the same body whether what was asked for exists or not, and every answer names the request's id. What a
/// limit said is in the headers `RateLimit` and `RateLimit-Policy`, on answers and on refusals, and `Retry-After` on the latter.
/// The place is given back when the response's body has ended or was dropped, for what streams still uses the tenant's stores, and
/// at the request's deadline in any case: a slow reader must not keep others out. A
/// body that is there in one piece has ended once it was handed to the connection, however slowly its reader takes it.
///
/// # Opting out
///
/// The layer is on the routes that it is put on with `Router::layer` (so that it runs after routing and sees the path parameters
/// `{tenant}` and `{tenant_id}`). Whatever is merged into the router afterwards stays outside, such as `/healthz` and `/metrics`:
///
/// ```
/// # use axum::{Router, routing::get};
/// # fn app(layer: tenancy_core::http::TenantLayer) -> Router {
/// let tenants = Router::new().route("/itineraries", get(|| async { "…" }));
/// Router::new().merge(tenants.layer(layer)).route("/healthz", get(|| async { "ok" }))
/// # }
/// ```
///
/// A handler outside of it that asks for a context or a permit is a mistake, and answers 500 with no data.
///
/// # Cost
///
/// `cargo xtask bench request` says what each part costs.
#[derive(Clone)]
pub struct TenantLayer {
    shared: Shared,
}

#[derive(Clone)]
pub(super) struct Shared {
    pub(super) authenticate: Arc<dyn Authenticate>,
    pub(super) resolver: Arc<Resolver>,
    pub(super) timeout: Duration,
    pub(super) limits: Option<Arc<dyn Limits>>,
    pub(super) series: Arc<Series>,
    pub(super) on_span: Option<fn(&Span, &HeaderMap)>,
    /// Whether it was said that no request has an address.
    pub(super) no_address: Arc<AtomicBool>,
}

impl TenantLayer {
    /// A layer that verifies with `authenticate`, resolves with `resolver`, and gives a request `timeout`.
    #[must_use]
    pub fn new(authenticate: Arc<dyn Authenticate>, resolver: Arc<Resolver>, timeout: Duration) -> Self {
        Self {
            shared: Shared {
                authenticate,
                resolver,
                timeout,
                limits: None,
                series: Arc::new(Series::new(TenantLabels::MOST)),
                on_span: None,
                no_address: Arc::default(),
            },
        }
    }

    /// Limits rates and concurrency.
    ///
    /// The address limit needs to know who called: [`ClientAddress`](super::ClientAddress) in the request's extensions, or axum's
    /// `ConnectInfo<SocketAddr>`. Without either it is skipped, and a warning says so once.
    #[must_use]
    pub fn with_limits(mut self, limits: Arc<dyn Limits>) -> Self {
        self.shared.limits = Some(limits);
        self
    }

    /// Gives at most so many tenants a label of their own in metrics: [`TenantLabels::MOST`] otherwise.
    #[must_use]
    pub fn with_tenant_labels(mut self, most: usize) -> Self {
        self.shared.series = Arc::new(Series::new(most));
        self
    }

    /// Calls `hook` with each request's span, before anything is done in it, and the request's headers: where a trace's parent
    /// is set.
    #[must_use]
    pub fn with_on_span(mut self, hook: fn(&Span, &HeaderMap)) -> Self {
        self.shared.on_span = Some(hook);
        self
    }
}

impl<S> Layer<S> for TenantLayer {
    type Service = TenantService<S>;

    fn layer(&self, inner: S) -> TenantService<S> {
        TenantService {
            inner,
            shared: Arc::new(self.shared.clone()),
        }
    }
}
