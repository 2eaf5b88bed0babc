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

/// The client's address, else the connection's peer.
pub(super) fn address(extensions: &Extensions) -> Option<IpAddr> {
    let client = extensions.get::<ClientAddress>().map(|client| client.0);
    let peer = || extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    client.or_else(peer).map(|address| address.to_canonical())
}
