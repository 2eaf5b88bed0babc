//! Where a signed URL leads.

use std::{fmt, str::FromStr};

use url::Url;

use super::http::is_loopback;

/// The server that a signed URL leads to: `https://host`, or `http://host:port` on this machine's loopback. Google's, unless
/// told otherwise; the bucket is the first segment of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlEndpoint {
    /// `https://storage.googleapis.com`
    origin: Box<str>,
    /// What the client sends as `Host`.
    authority: Box<str>,
}

/// The text is no server to sign for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an endpoint is `https://host`, or `http://` on loopback, in lower case, without path, user and the scheme's own port"
)]
pub struct ParseEndpointError;

impl UrlEndpoint {
    /// `https://storage.googleapis.com`
    pub(super) fn google(host: &str) -> Self {
        Self {
            origin: format!("https://{host}").into(),
            authority: host.into(),
        }
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }
}

impl Default for UrlEndpoint {
    fn default() -> Self {
        Self::google("storage.googleapis.com")
    }
}

impl FromStr for UrlEndpoint {
    type Err = ParseEndpointError;

    fn from_str(text: &str) -> Result<Self, ParseEndpointError> {
        let url = Url::parse(text).map_err(|_| ParseEndpointError)?;
        let clear = url.scheme() == "http" && is_loopback(&url);
        if url.scheme() != "https" && !clear {
            return Err(ParseEndpointError);
        }
        // a parser rewrites what clients would rewrite as well: the signature is over what they send
        let whole = url.as_str().strip_suffix('/').unwrap_or_default();
        let (_, authority) = whole.split_once("://").ok_or(ParseEndpointError)?;
        if whole != text || authority.is_empty() || authority.contains(['/', '@', '?', '#']) {
            return Err(ParseEndpointError);
        }
        Ok(Self {
            origin: text.into(),
            authority: authority.into(),
        })
    }
}

impl fmt::Display for UrlEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (text, authority) in [
            ("https://storage.googleapis.com", "storage.googleapis.com"),
            ("https://media.example.com:8443", "media.example.com:8443"),
            ("http://127.0.0.1:4443", "127.0.0.1:4443"),
            ("http://[::1]:4443", "[::1]:4443"),
        ] {
            assert_eq!(text.parse::<UrlEndpoint>().unwrap().authority(), authority);
        }
        for text in [
            "",
            "storage.googleapis.com",
            "http://storage.googleapis.com",
            "https://storage.googleapis.com/",
            "https://storage.googleapis.com/bucket",
            "https://storage.googleapis.com:443",
            "https://STORAGE.googleapis.com",
            "https://user@host",
            "https://host?x",
            "https://host#x",
            "https://host\\x",
            "https://ho st",
            "ftp://127.0.0.1",
        ] {
            assert!(text.parse::<UrlEndpoint>().is_err(), "{text}");
        }
        assert_eq!(
            UrlEndpoint::default(),
            UrlEndpoint::default().to_string().parse().unwrap()
        );
    }
}
