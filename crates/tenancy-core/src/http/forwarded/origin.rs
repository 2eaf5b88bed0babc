//! Where a request came from, as far as trusted proxies tell.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{
    TrustedProxies,
    address::address,
    element::{Element, Malformed, Sender, elements},
};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The hosts that trusted proxies say were asked for: an extension of a request that has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) enum Hosts {
    /// These, all of which have to agree.
    Told(Vec<String>),
    /// The proxies contradict each other, or can't be understood.
    Unreadable,
}

/// Where a request came from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) client: IpAddr,
    pub(super) hosts: Hosts,
}

impl Origin {
    /// The origin of a request that came from the trusted proxy `peer`.
    ///
    /// What can't be understood is not believed: the client is the proxy itself, and no host agrees.
    pub(super) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        Self::read(peer, headers, trusted).unwrap_or(Self {
            client: peer,
            hosts: Hosts::Unreadable,
        })
    }

    fn read(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Result<Self, Malformed> {
        let (standard, common) = (headers.contains_key(header::FORWARDED), headers.contains_key(FOR));
        let (client, host) = walk(peer, trusted, rfc7239(headers))?;
        let (other, _) = walk(peer, trusted, list(headers, FOR).map(sender))?;
        // of two that differ, a proxy wrote one, and perhaps the client the other
        if standard && common && client != other {
            return Err(Malformed);
        }
        let mut hosts: Vec<String> = host.into_iter().collect();
        for value in list(headers, HOST) {
            hosts.push(value?.to_owned());
        }
        Ok(Self {
            client: if standard { client } else { other },
            hosts: Hosts::Told(hosts),
        })
    }
}

/// Goes from the peer to the client for as long as the word of who speaks counts. The client, and the host that it asked the
/// outermost trusted proxy for. What stands further out is whatever the client wrote, and is not read.
fn walk(
    peer: IpAddr,
    trusted: &TrustedProxies,
    mut chain: impl Iterator<Item = Result<Element, Malformed>>,
) -> Result<(IpAddr, Option<String>), Malformed> {
    let (mut client, mut host) = (peer, None);
    while trusted.trusts(client) {
        let Some(element) = chain.next() else { break };
        let element = element?;
        host = element.host.or(host);
        match element.sender {
            Sender::Address(address) => client = address,
            Sender::Hidden => break,
        }
    }
    Ok((client, host))
}

/// The elements of the `Forwarded` header, the nearest proxy's first.
fn rfc7239(headers: &HeaderMap) -> impl Iterator<Item = Result<Element, Malformed>> {
    let lines = headers.get_all(header::FORWARDED).iter().rev();
    lines.flat_map(|line| match text(line).and_then(elements) {
        Ok(found) => found.into_iter().rev().map(Ok).collect(),
        Err(malformed) => vec![Err(malformed)],
    })
}

/// The values of a header that is a list, the last first.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = Result<&str, Malformed>> {
    let lines = headers.get_all(name).into_iter().rev();
    lines.flat_map(|line| {
        let text = text(line).unwrap_or_default(); // no text: one empty value, which is malformed
        text.rsplit(',')
            .map(|value| match value.trim_matches([' ', '\t']) {
                "" => Err(Malformed),
                value => Ok(value),
            })
    })
}

fn sender(value: Result<&str, Malformed>) -> Result<Element, Malformed> {
    let value = value?;
    let sender = match address(value) {
        Some(address) => Sender::Address(address),
        None if value.eq_ignore_ascii_case("unknown") => Sender::Hidden,
        None => return Err(Malformed),
    };
    Ok(Element { sender, host: None })
}

fn text(value: &HeaderValue) -> Result<&str, Malformed> {
    value.to_str().map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The peer is 10.0.0.1; 10.0.0.0/8 and fd00::/8 are trusted.
    fn origin(lines: &[(&str, &str)]) -> Origin {
        let trusted = TrustedProxies::new(["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Origin::of([10, 0, 0, 1].into(), &headers, &trusted)
    }

    fn told(lines: &[(&str, &str)], client: &str, hosts: &[&str]) {
        let expect = Origin {
            client: client.parse().unwrap(),
            hosts: Hosts::Told(hosts.iter().map(|host| (*host).to_owned()).collect()),
        };
        assert_eq!(origin(lines), expect, "{lines:?}");
    }

    fn unreadable(lines: &[(&str, &str)]) {
        let expect = Origin {
            client: [10, 0, 0, 1].into(),
            hosts: Hosts::Unreadable,
        };
        assert_eq!(origin(lines), expect, "{lines:?}");
    }

    const F: &str = "forwarded";
    const XFF: &str = "x-forwarded-for";
    const XFH: &str = "x-forwarded-host";

    #[test]
    fn a_proxy_tells_client_and_host() {
        told(&[], "10.0.0.1", &[]);
        told(&[(XFF, "192.0.2.1")], "192.0.2.1", &[]);
        told(
            &[(XFF, "192.0.2.1"), (XFH, "a.example")],
            "192.0.2.1",
            &["a.example"],
        );
        told(
            &[(F, "for=192.0.2.1;host=a.example")],
            "192.0.2.1",
            &["a.example"],
        );
        told(&[(F, "for=\"[2001:db8::1]:1\"")], "2001:db8::1", &[]);
        told(&[(F, "host=a.example")], "10.0.0.1", &["a.example"]);
        told(
            &[(XFH, "a.example, b.example")],
            "10.0.0.1",
            &["b.example", "a.example"],
        );
        told(
            &[(XFH, "a.example"), (XFH, "b.example")],
            "10.0.0.1",
            &["b.example", "a.example"],
        );
    }

    #[test]
    fn who_is_trusted_is_skipped_from_the_right_and_the_rest_is_the_clients() {
        told(
            &[(XFF, "6.6.6.6, 192.0.2.1, 10.0.0.9, fd00::1")],
            "192.0.2.1",
            &[],
        );
        told(
            &[(XFF, "6.6.6.6"), (XFF, "192.0.2.1, 10.0.0.9")],
            "192.0.2.1",
            &[],
        );
        told(&[(XFF, "10.0.0.7, 192.0.2.1")], "192.0.2.1", &[]);
        told(&[(XFF, "garbage, 192.0.2.1")], "192.0.2.1", &[]);
        told(&[(XFF, "192.0.2.1:99")], "192.0.2.1", &[]);
        told(&[(XFF, "10.0.0.2, 10.0.0.3")], "10.0.0.2", &[]);
        told(&[(XFF, "192.0.2.1, unknown, 10.0.0.9")], "10.0.0.9", &[]);
        told(&[(XFF, "::ffff:10.0.0.9")], "10.0.0.9", &[]);
        told(
            &[(
                F,
                "for=6.6.6.6;host=evil, for=192.0.2.1;host=a.example, for=10.0.0.9;host=inner",
            )],
            "192.0.2.1",
            &["a.example"],
        );
        told(
            &[(F, "for=192.0.2.1;host=a.example, for=10.0.0.9")],
            "192.0.2.1",
            &["a.example"],
        );
        told(
            &[(F, "for=\"left open"), (F, "for=192.0.2.1;host=a.example")],
            "192.0.2.1",
            &["a.example"],
        );
        told(
            &[(F, "for=6.6.6.6;host=evil, for=_hidden;host=a.example")],
            "10.0.0.1",
            &["a.example"],
        );
    }

    #[test]
    fn what_can_not_be_understood_is_not_believed() {
        unreadable(&[(XFF, "")]);
        unreadable(&[(XFF, "192.0.2.1,")]);
        unreadable(&[(XFF, "192.0.2.1, garbage")]);
        unreadable(&[(XFF, "192.0.2.1, garbage, 10.0.0.9")]);
        unreadable(&[(XFF, "192.0.2.1"), (XFF, "")]);
        unreadable(&[(XFF, "\u{e4}")]);
        unreadable(&[(XFF, "192.0.2.1"), (XFH, "")]);
        unreadable(&[(XFH, "a.example,")]);
        unreadable(&[(XFH, "\u{e4}.example")]);
        unreadable(&[(F, "for=192.0.2.1, for=\"")]);
        unreadable(&[(F, "\u{e4}")]);
        unreadable(&[(F, "for=192.0.2.1;host=a;host=b")]);
    }

    #[test]
    fn two_headers_that_differ_are_not_believed() {
        told(&[(F, "for=192.0.2.1"), (XFF, "192.0.2.1")], "192.0.2.1", &[]);
        told(
            &[(F, "for=6.6.6.6, for=192.0.2.1"), (XFF, "7.7.7.7, 192.0.2.1")],
            "192.0.2.1",
            &[],
        );
        unreadable(&[(F, "for=6.6.6.6"), (XFF, "192.0.2.1")]);
        unreadable(&[(F, "for=_hidden"), (XFF, "192.0.2.1")]);
        unreadable(&[(F, "host=a.example"), (XFF, "192.0.2.1")]);
    }
}
