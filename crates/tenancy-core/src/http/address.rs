//! The address of who asks.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::Extensions;

/// The address of a request's client, in the request's extensions: what limits of addresses are counted by.
///
/// Whoever accepts connections sets it: the connection's peer, or, where that is a trusted proxy, the client that the proxy
/// names. Never what a header of an untrusted peer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// A request's: what was set, else the peer of its connection, as axum's servers tell it; `None` when the server told neither.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let set = extensions.get::<Self>().copied();
        let peer = || {
            extensions
                .get::<ConnectInfo<SocketAddr>>()
                .map(|peer| Self(peer.0.ip().to_canonical()))
        };
        set.or_else(peer)
    }
}
