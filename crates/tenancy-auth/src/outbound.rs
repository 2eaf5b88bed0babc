//! Calls to servers whose answers decide who gets in. Where they go, and how much is read, is bounded.

use std::{fmt, net::IpAddr, time::Duration};

use reqwest::{Client, Response, Url, redirect::Policy};

/// Why a text is no address of such a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address of {what} is {rule}")]
pub struct ParseUrlError {
    what: &'static str,
    rule: &'static str,
}

/// An address of a server that we believe: `https`, or `http` on this machine's loopback. It has no user, no password and no
/// fragment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TrustedUrl(Url);

impl TrustedUrl {
    /// `what` is there, for the error.
    pub(crate) fn parse(text: &str, what: &'static str) -> Result<Self, ParseUrlError> {
        let refuse = |rule| ParseUrlError { what, rule };
        let url = Url::parse(text).map_err(|_| refuse("`https://host/path`"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(refuse("`https`, or `http` on loopback"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(refuse("without user, password and fragment"));
        }
        Ok(Self(url))
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// A client for it: no redirect, no clear text but on this machine. Loads the system's roots, which takes milliseconds
    /// and can fail.
    pub(crate) fn client(&self, connect: Duration) -> reqwest::Result<Client> {
        let client = Client::builder()
            .connect_timeout(connect)
            .redirect(Policy::none())
            .user_agent(concat!("tenancy-auth/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&self.0) {
            // a proxy is elsewhere, and clear text must not leave the machine
            client.no_proxy().build()
        } else {
            client.https_only(true).build()
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

impl fmt::Display for TrustedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The body, or nothing when it is longer than `limit` bytes. No more than that is kept in memory.
pub(crate) async fn body(mut answer: Response, limit: usize) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELSEWHERE: &str = "https://keys.example.com/jwk";

    async fn check_body(length: usize, expect: Option<usize>) {
        // it comes as one chunk
        let answer = Response::from(http::Response::new(vec![7_u8; length]));
        let body = body(answer, 10).await.unwrap();
        assert_eq!(body.map(|body| body.len()), expect, "{length}");
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_it_may_be_from_its_first_byte_on() {
        check_body(0, Some(0)).await;
        check_body(10, Some(10)).await;
        check_body(11, None).await;
        check_body(1000, None).await;
    }

    #[tokio::test]
    async fn clear_text_goes_nowhere_but_to_this_machine() {
        crate::install_crypto();
        for (address, refused) in [(ELSEWHERE, true), ("http://127.0.0.1:9/jwk", false)] {
            let url = TrustedUrl::parse(address, "keys").unwrap();
            let client = url.client(Duration::from_secs(1)).unwrap();
            let error = client.get("http://127.0.0.1:9/").send().await.unwrap_err();
            assert_eq!(error.is_builder(), refused, "{address}: {error:?}");
        }
    }
}
