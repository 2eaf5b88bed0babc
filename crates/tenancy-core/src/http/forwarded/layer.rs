//! The layer that reads what proxies say.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::Request;
use tower::{Layer, Service};

use super::{
    ClientAddress, TrustedProxies,
    address::peer,
    origin::{Hosts, Origin},
};

/// Tells each request who its client is and what host it asked for, when trusted proxies stand in between.
///
/// `Forwarded` (RFC 7239), `X-Forwarded-For` and `X-Forwarded-Host` count when the connection's peer is trusted, and as far
/// out as the word of the one before is; from anyone else they are ignored, as anyone may send them. Of a trusted peer's that
/// can't be understood, or contradict each other, nothing is believed: the client is the proxy, and routes that need a
/// tenant answer 404. A proxy that is trusted here has to set one of the two for the client, or every client of it has
/// its own address.
///
/// It goes outside of every other layer, and needs the peer: `into_make_service_with_connect_info::<SocketAddr>()` of axum's.
/// `tenancy`'s `serve` does both.
#[derive(Clone, Debug)]
pub struct ForwardedLayer {
    trusted: Arc<TrustedProxies>,
}

impl ForwardedLayer {
    /// A layer that believes `trusted`.
    #[must_use]
    pub fn new(trusted: TrustedProxies) -> Self {
        Self {
            trusted: Arc::new(trusted),
        }
    }
}

impl<S> Layer<S> for ForwardedLayer {
    type Service = Forwarded<S>;

    fn layer(&self, inner: S) -> Forwarded<S> {
        Forwarded {
            inner,
            trusted: Arc::clone(&self.trusted),
        }
    }
}

/// See [`ForwardedLayer`].
#[derive(Clone, Debug)]
pub struct Forwarded<S> {
    inner: S,
    trusted: Arc<TrustedProxies>,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Forwarded<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if let Some(peer) = peer(request.extensions()) {
            let client = if self.trusted.trusts(peer) {
                let Origin { client, hosts } = Origin::of(peer, request.headers(), &self.trusted);
                tell(&mut request, hosts);
                client
            } else {
                peer
            };
            request.extensions_mut().insert(ClientAddress(client));
        }
        self.inner.call(request)
    }
}

fn tell<B>(request: &mut Request<B>, hosts: Hosts) {
    if hosts != Hosts::Told(Vec::new()) {
        request.extensions_mut().insert(hosts);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::{Router, body::Body, extract::ConnectInfo, routing::get};
    use tower::ServiceExt;

    use super::*;

    /// Client and hosts that a handler sees behind the layer, which trusts 10.0.0.0/8.
    async fn check(peer: Option<&str>, client: Option<&str>, hosts: Option<Hosts>) {
        let expect = format!(
            "{:?} {hosts:?}",
            client.map(|client| client.parse().unwrap()).map(ClientAddress)
        );
        let app = get(|request: Request<Body>| async move {
            let extensions = request.extensions();
            format!(
                "{:?} {:?}",
                ClientAddress::of(extensions),
                extensions.get::<Hosts>()
            )
        });
        let trusted = TrustedProxies::new(["10.0.0.0/8".parse().unwrap()]);
        let app = Router::new().route("/", app).layer(ForwardedLayer::new(trusted));
        let mut request = Request::get("/")
            .header("x-forwarded-for", "192.0.2.1")
            .header("x-forwarded-host", "a.example")
            .body(Body::empty())
            .unwrap();
        if let Some(peer) = peer {
            let peer: SocketAddr = peer.parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let answer = app.oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
        assert_eq!(body, expect, "{peer:?}");
    }

    #[tokio::test]
    async fn only_a_trusted_peer_is_believed() {
        let told = || Some(Hosts::Told(vec!["a.example".to_owned()]));
        check(Some("10.0.0.1:9"), Some("192.0.2.1"), told()).await;
        check(Some("[::ffff:10.0.0.1]:9"), Some("192.0.2.1"), told()).await;
        check(Some("192.0.2.7:9"), Some("192.0.2.7"), None).await;
        check(Some("[::ffff:192.0.2.7]:9"), Some("192.0.2.7"), None).await;
        check(Some("[2001:db8::1]:9"), Some("2001:db8::1"), None).await;
        check(None, None, None).await;
    }
}
