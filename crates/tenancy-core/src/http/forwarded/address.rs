//! The client's address.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::Extensions;

/// The address of the client: the connection's, or what trusted proxies say it is. For limits and logs; it proves nothing.
///
/// [`ForwardedLayer`](super::ForwardedLayer) puts it into a request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// A request's: what the layer found, else the peer of its connection; `None` when the server told neither.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let found = extensions.get::<Self>().copied();
        found.or_else(|| peer(extensions).map(Self))
    }
}

/// The peer of the request's connection, as axum's servers tell it.
pub(super) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let info = extensions.get::<ConnectInfo<SocketAddr>>();
    info.map(|ConnectInfo(peer)| peer.ip().to_canonical())
}

/// An address as it stands in a header: bare, with a port, or an IPv6 address in brackets.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let legal = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        let address: std::net::Ipv6Addr = address.parse().ok()?;
        return legal.then_some(IpAddr::V6(address).to_canonical());
    }
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || {
        let (address, port) = text.split_once(':')?;
        let address: std::net::Ipv4Addr = address.parse().ok()?;
        is_port(port).then_some(IpAddr::V4(address))
    };
    bare.map(|address| address.to_canonical()).or_else(with_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let expect = expect.map(|address| address.parse::<IpAddr>().unwrap());
        assert_eq!(address(text), expect, "{text:?}");
    }

    #[test]
    fn without_the_layer_the_peer_is_the_client() {
        let mut extensions = Extensions::new();
        assert_eq!(ClientAddress::of(&extensions), None);
        extensions.insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 9))));
        assert_eq!(
            ClientAddress::of(&extensions),
            Some(ClientAddress([192, 0, 2, 1].into()))
        );
        extensions.insert(ClientAddress([192, 0, 2, 2].into()));
        assert_eq!(
            ClientAddress::of(&extensions),
            Some(ClientAddress([192, 0, 2, 2].into()))
        );
    }

    #[test]
    fn addresses() {
        check("192.0.2.1", Some("192.0.2.1"));
        check("192.0.2.1:4711", Some("192.0.2.1"));
        check("2001:db8::1", Some("2001:db8::1"));
        check("[2001:db8::1]", Some("2001:db8::1"));
        check("[2001:db8::1]:4711", Some("2001:db8::1"));
        check("::ffff:192.0.2.1", Some("192.0.2.1"));
        check("[::ffff:192.0.2.1]:1", Some("192.0.2.1"));
        for none in [
            "",
            "unknown",
            "_hidden",
            "192.0.2",
            "192.0.2.1:",
            "192.0.2.1:x",
            "192.0.2.1:+1",
            "192.0.2.1:65536",
            "[192.0.2.1]",
            "[2001:db8::1]4711",
            "[2001:db8::1",
            "2001:db8::1]:4711",
            "[2001:db8::1]:",
            " 192.0.2.1",
            "192.0.2.1, 10.0.0.1",
            "0192.0.2.1",
        ] {
            check(none, None);
        }
    }
}
