//! The tower layer that gives each request its tenant.

use std::{sync::Arc, time::Duration};

use tower::Layer;

use super::{Authenticate, TenantService};
use crate::Resolver;

/// Gives each request its tenant, or refuses it.
///
/// In this order: a span with the request's id; the token; the tenant, agreed to by host, header and path; the
/// membership; then the handler, with a [`TenantContext`](crate::TenantContext) in the request's extensions, under a
/// deadline. The span carries tenant id, tier and request id, so every line of the handler does.
///
/// Put it on the routes that need a tenant with `Router::layer`, so that it runs after routing and sees path
/// parameters (`{tenant}`, `{tenant_id}`); `/healthz` and `/metrics` stay outside.
#[derive(Clone)]
pub struct TenantLayer {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) authenticate: Arc<dyn Authenticate>,
    pub(super) resolver: Arc<Resolver>,
    pub(super) timeout: Duration,
}

impl TenantLayer {
    /// A layer that verifies with `authenticate`, resolves with `resolver`, and gives a handler `timeout`.
    #[must_use]
    pub fn new(authenticate: Arc<dyn Authenticate>, resolver: Arc<Resolver>, timeout: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                authenticate,
                resolver,
                timeout,
            }),
        }
    }
}

impl<S> Layer<S> for TenantLayer {
    type Service = TenantService<S>;

    fn layer(&self, inner: S) -> TenantService<S> {
        TenantService {
            inner,
            shared: Arc::clone(&self.shared),
        }
    }
}
