//! Where an instance is, and who logs in to it.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr};

use tenancy_core::SecretRef;

/// Why a text is no address of an instance. Never holds the text: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseBoltUrlError {
    /// Another form.
    #[error("a graph's address is `bolt+s://host:port`, without a login, a path or a query")]
    Form,
    /// TLS is missing.
    #[error(
        "a graph's address beyond loopback is `bolt+s://host:port`: `bolt://` would show the login to the network"
    )]
    Plain,
    /// A scheme that asks for routing, or for TLS that nobody verifies.
    #[error(
        "a graph's address is `bolt+s://host:port`: there is no routing (`neo4j`) and no unverified TLS (`+ssc`)"
    )]
    Scheme,
}

/// Where an instance listens: `bolt+s://host:port`, or `bolt://127.0.0.1:port` on loopback alone. The port is 7687 when there
/// is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoltUrl {
    text: Box<str>,
    tls: bool,
}

impl BoltUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.tls
    }
}

impl FromStr for BoltUrl {
    type Err = ParseBoltUrlError;

    fn from_str(text: &str) -> Result<Self, ParseBoltUrlError> {
        let (scheme, address) = text.split_once("://").ok_or(ParseBoltUrlError::Form)?;
        let tls = match scheme {
            "bolt+s" => true,
            "bolt" => false,
            "neo4j" | "neo4j+s" | "neo4j+ssc" | "bolt+ssc" => return Err(ParseBoltUrlError::Scheme),
            _ => return Err(ParseBoltUrlError::Form),
        };
        let host = host(address).ok_or(ParseBoltUrlError::Form)?;
        if !tls && !is_loopback(host) {
            return Err(ParseBoltUrlError::Plain);
        }
        Ok(Self {
            text: text.into(),
            tls,
        })
    }
}

/// The host of `host:port`, when there is nothing else.
fn host(address: &str) -> Option<&str> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (
                host,
                port.strip_prefix(':').or(port.is_empty().then_some("7687"))?,
            )
        }
        None => address.split_once(':').unwrap_or((address, "7687")),
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
    let digits = port.bytes().all(|b| b.is_ascii_digit());
    let fits = !host.is_empty() && host.chars().all(legal) && digits && port.parse::<u16>().is_ok();
    fits.then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for BoltUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How one instance is reached.
#[derive(Clone, Debug)]
pub struct GraphInstance {
    /// Where it listens.
    pub url: BoltUrl,
    /// Who logs in.
    pub user: String,
    /// Where the password is. Read when the instance is first used, and again when a login is refused.
    pub password: SecretRef,
    /// A file with the certificates (PEM) of who may have signed the server's; the machine's own when there is none.
    pub ca: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_off_on_loopback_alone() {
        for (text, expect) in [
            ("bolt+s://db.internal:7687", None),
            ("bolt+s://db.internal", None),
            ("bolt://127.0.0.1:7687", None),
            ("bolt://[::1]:7687", None),
            ("bolt://localhost:7687", None),
            ("bolt://db.internal:7687", Some(ParseBoltUrlError::Plain)),
            (
                "bolt://localhost.evil.example:7687",
                Some(ParseBoltUrlError::Plain),
            ),
            ("bolt://10.0.0.1", Some(ParseBoltUrlError::Plain)),
            ("neo4j+s://db.internal", Some(ParseBoltUrlError::Scheme)),
            ("bolt+ssc://db.internal", Some(ParseBoltUrlError::Scheme)),
            (
                "bolt://neo4j:hunter2@127.0.0.1:7687",
                Some(ParseBoltUrlError::Form),
            ),
            ("bolt://127.0.0.1:7687/other", Some(ParseBoltUrlError::Form)),
            ("bolt://127.0.0.1:7687?x", Some(ParseBoltUrlError::Form)),
            ("bolt://127.0.0.1:", Some(ParseBoltUrlError::Form)),
            ("bolt+s://", Some(ParseBoltUrlError::Form)),
            ("http://127.0.0.1", Some(ParseBoltUrlError::Form)),
            ("127.0.0.1:7687", Some(ParseBoltUrlError::Form)),
        ] {
            assert_eq!(text.parse::<BoltUrl>().err(), expect, "{text}");
        }
    }
}
