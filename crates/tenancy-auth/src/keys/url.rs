//! Where keys are fetched.

use std::{fmt, net::IpAddr, str::FromStr};

use reqwest::Url;

/// The address of a set of keys (a JWKS, RFC 7517): `https`, or `http` on this machine's loopback.
///
/// Whoever can answer at this address can sign anyone in, so it takes no clear text beyond loopback. It has no user, no
/// password and no fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyUrl(Url);

/// Why a text is no address of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address of keys is {0}")]
pub struct ParseUrlError(&'static str);

const GOOGLE: &str =
    "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";

impl KeyUrl {
    #[expect(clippy::expect_used, reason = "a constant, and a test parses it")]
    pub(super) fn google() -> Self {
        GOOGLE.parse().expect("Google's address is one")
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is on this machine; only then may it be `http`.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

impl FromStr for KeyUrl {
    type Err = ParseUrlError;

    fn from_str(text: &str) -> Result<Self, ParseUrlError> {
        let url = Url::parse(text).map_err(|_| ParseUrlError("`https://host/path`"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(ParseUrlError("`https`, or `http` on loopback"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(ParseUrlError("without user, password and fragment"));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for KeyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for KeyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, legal: bool) {
        assert_eq!(text.parse::<KeyUrl>().is_ok(), legal, "{text:?}");
    }

    #[test]
    fn keys_come_over_https_or_from_loopback() {
        check(GOOGLE, true);
        check("https://10.0.0.1/jwk", true);
        check("http://127.0.0.1:9000/jwk", true);
        check("http://127.9.9.9/jwk", true);
        check("http://[::1]:9000/jwk", true);
        check("http://localhost:9000/jwk", true);
        check("http://www.googleapis.com/jwk", false);
        check("http://10.0.0.1/jwk", false);
        check("http://localhost.example.com/jwk", false);
        check("http://127.0.0.1.example.com/jwk", false);
        check("http://0.0.0.0/jwk", false);
        check("file:///etc/keys", false);
        check("data:application/json,{}", false);
        check("localhost:9000", false);
        check("", false);
    }

    #[test]
    fn an_address_holds_no_secret() {
        check("https://user@example.com/jwk", false);
        check("https://:password@example.com/jwk", false);
        check("https://example.com/jwk#fragment", false);
        assert!(
            !"https://u:hunter2@example.com"
                .parse::<KeyUrl>()
                .unwrap_err()
                .to_string()
                .contains("hunter2")
        );
    }
}
