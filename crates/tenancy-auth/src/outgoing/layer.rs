//! The tower layer of a client.

use std::{sync::Arc, time::Duration};

use tenancy_core::ServiceName;
use tower::Layer;

use super::{Outgoing, TraceParent};
use crate::ServiceSigner;

/// How long the token of a call holds, in seconds.
pub(super) const LIFE: i64 = 60;

/// Makes a client speak for this service to one other, in the name of who asked.
///
/// Around any `tower::Service<http::Request<B>>`: hyper's client, or a function around reqwest's. A request has to carry the
/// [`TenantContext`](tenancy_core::TenantContext) as an extension; without one it is not sent. Each request gets
///
/// | header | |
/// |---|---|
/// | `Authorization` | a service token, for this one method and path at that one service, for the context's tenant, for a minute |
/// | `X-Actor-Token` | the user's own token, when it is a user who acts; the service token names it by its hash |
/// | `traceparent` | the trace of the span that runs, or of the request |
/// | `X-Request-Id` | the request's id |
///
/// What stood in these is taken out, and so are `X-Tenant-Id`, `tracestate`, cookies, `Proxy-Authorization` and what proxies said of the
/// client: a request that came in can be sent on. The receiver trusts none of them but by the signature.
///
/// # Caveats
///
/// A redirect that the client follows takes the headers along and is refused there, since the path is another: switch
/// redirects off, so that a user's token goes to the one service only. Let the client verify TLS beyond loopback. A retry has to pass this layer again: a token is
/// taken once.
#[derive(Clone, Debug)]
pub struct OutgoingLayer {
    pub(super) shared: Arc<Shared>,
}

#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) signer: ServiceSigner,
    pub(super) target: ServiceName,
    pub(super) own_name: bool,
    pub(super) trace: TraceParent,
}

impl OutgoingLayer {
    /// A layer for calls of the signer's service to `target`.
    #[must_use]
    pub fn new(signer: ServiceSigner, target: ServiceName) -> Self {
        Self {
            shared: Arc::new(Shared {
                signer,
                target,
                own_name: false,
                trace: TraceParent::default(),
            }),
        }
    }

    /// Lets work that another service asked for in its own name go on in this one's name, and so with what this one may do at
    /// the target. Without it, such a call is not sent.
    #[must_use]
    pub fn in_own_name(self) -> Self {
        self.with(|shared| shared.own_name = true)
    }

    /// Where the trace comes from.
    #[must_use]
    pub fn with_trace(self, trace: TraceParent) -> Self {
        self.with(|shared| shared.trace = trace)
    }

    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        change(Arc::make_mut(&mut self.shared));
        self
    }

    /// How long the token of a call holds.
    #[must_use]
    pub fn token_life() -> Duration {
        Duration::from_secs(LIFE.unsigned_abs())
    }
}

impl<S> Layer<S> for OutgoingLayer {
    type Service = Outgoing<S>;

    fn layer(&self, inner: S) -> Outgoing<S> {
        Outgoing {
            inner,
            shared: Arc::clone(&self.shared),
        }
    }
}
