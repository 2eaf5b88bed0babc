//! How a session cookie comes with a request.

use std::fmt;

use http::{HeaderMap, HeaderValue, Method, header};
use tenancy_core::{Error, Result};

/// The only name that Firebase Hosting passes on to a service behind it.
const DEFAULT_NAME: &str = "__session";

/// The session cookie of a service: its name, and which requests may bring it.
///
/// A browser sends a cookie along whoever wrote the page that makes the request, so a cookie alone does not prove that
/// the user meant it. A request that may change something (any method but GET, HEAD and OPTIONS, and any that opens a
/// WebSocket) is believed only when the browser says that it comes from the same origin: `Sec-Fetch-Site: same-origin`
/// or `none` (typed in by the user), or, from browsers that do not send it, an `Origin` whose host is the request's.
/// Handlers of GET must not change anything.
///
/// Set the cookie with `HttpOnly; Secure; SameSite=Lax` (or `Strict`) and without `Domain`: sites beside yours under one
/// registrable domain then don't get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    name: Box<str>,
}

/// Why a text is no name of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a cookie is 1 to 64 letters, digits, hyphens and underscores")]
pub struct ParseCookieNameError;

impl Default for SessionCookie {
    /// `__session`.
    fn default() -> Self {
        Self {
            name: DEFAULT_NAME.into(),
        }
    }
}

impl SessionCookie {
    /// A cookie of that name: 1 to 64 letters, digits, hyphens and underscores.
    ///
    /// # Errors
    ///
    /// When the name is none.
    pub fn named(name: &str) -> Result<Self, ParseCookieNameError> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if (1..=64).contains(&name.len()) && name.bytes().all(legal) {
            Ok(Self { name: name.into() })
        } else {
            Err(ParseCookieNameError)
        }
    }

    /// The cookie of a request, to be verified; `None` when it brings none.
    ///
    /// # Errors
    ///
    /// [`Kind::Unauthenticated`](tenancy_core::Kind::Unauthenticated) when it brings two, or one that the user may not have
    /// meant to send.
    pub fn of<'a>(&self, method: &Method, headers: &'a HeaderMap) -> Result<Option<&'a str>> {
        let Some(cookie) = self.find(headers)? else {
            return Ok(None);
        };
        // what a request is upgraded to does more than reading
        let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
            && !headers.contains_key(header::UPGRADE);
        if safe || from_same_origin(headers) {
            Ok(Some(cookie))
        } else {
            Err(Error::unauthenticated("a session cookie from another site"))
        }
    }

    /// RFC 6265 section 5.4. Two of one name come from two places: which one is ours can't be told.
    fn find<'a>(&self, headers: &'a HeaderMap) -> Result<Option<&'a str>> {
        let mut found = None;
        for line in headers.get_all(header::COOKIE) {
            for pair in line.as_bytes().split(|byte| *byte == b';') {
                let pair = pair.trim_ascii();
                let Some(value) = pair
                    .strip_prefix(self.name.as_bytes())
                    .and_then(|rest| rest.strip_prefix(b"="))
                else {
                    continue;
                };
                if found.is_some() {
                    return Err(Error::unauthenticated("more than one session cookie"));
                }
                let text = std::str::from_utf8(value);
                found = Some(text.map_err(|_| Error::unauthenticated("the session cookie is no text"))?);
            }
        }
        Ok(found)
    }
}

/// Whether the browser says that the page which makes the request is ours. What it does not say is not so.
fn from_same_origin(headers: &HeaderMap) -> bool {
    match sole(headers, "sec-fetch-site") {
        Sole::Value(site) => site == "same-origin" || site == "none",
        Sole::Unclear => false,
        Sole::Absent => match (sole(headers, "origin"), sole(headers, "host")) {
            (Sole::Value(origin), Sole::Value(host)) => same_host(origin, host),
            _ => false,
        },
    }
}

/// An origin is `scheme://host` with the port unless it is the scheme's own, as `Host` has it.
fn same_host(origin: &str, host: &str) -> bool {
    let of_origin = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    of_origin.is_some_and(|of_origin| of_origin.eq_ignore_ascii_case(host))
}

enum Sole<'a> {
    Absent,
    Value(&'a str),
    /// Twice, or no text.
    Unclear,
}

fn sole<'a>(headers: &'a HeaderMap, name: &str) -> Sole<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => Sole::Absent,
        (Some(Ok(value)), None) => Sole::Value(value),
        _ => Sole::Unclear,
    }
}

impl fmt::Display for SessionCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expect = Result<Option<&'static str>, &'static str>;

    fn check(method: &Method, lines: &[(&'static str, &[u8])], expect: Expect) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        let outcome = SessionCookie::default().of(method, &headers);
        let outcome = outcome.map_err(|error| error.log().unwrap().to_owned());
        assert_eq!(outcome, expect.map_err(str::to_owned), "{method} {headers:?}");
    }

    #[test]
    fn the_one_cookie_of_that_name_is_found() {
        let get = |lines: &[&[u8]], expect: Expect| {
            let lines: Vec<_> = lines.iter().map(|line| ("cookie", *line)).collect();
            check(&Method::GET, &lines, expect);
        };
        let two = Err("more than one session cookie");
        get(&[], Ok(None));
        get(&[b"a=1; b=2"], Ok(None));
        get(&[b"__session=x.y.z"], Ok(Some("x.y.z")));
        get(&[b"a=1; __session=x.y.z; b=2"], Ok(Some("x.y.z")));
        get(&[b"a=1;__session=x.y.z"], Ok(Some("x.y.z")));
        get(&[b"a=1", b"__session=x.y.z"], Ok(Some("x.y.z")));
        get(&[b"__session=x=y"], Ok(Some("x=y")));
        get(&[b"__session="], Ok(Some("")));
        get(&[b"__session"], Ok(None));
        get(&[b"__Session=x"], Ok(None));
        get(&[b"__sessions=x; x__session=y"], Ok(None));
        get(&[b"a=__session=x"], Ok(None));
        get(&[b"__session=x; __session=y"], two);
        get(&[b"__session=x; __session=x"], two);
        get(&[b"__session=x", b"__session=y"], two);
        get(&[b"__session=\xff"], Err("the session cookie is no text"));
        get(&[b"a=\xff; __session=x"], Ok(Some("x")));
    }

    #[test]
    fn a_request_that_changes_something_must_come_from_the_same_origin() {
        let post = |lines: &[(&'static str, &'static str)], accepted: bool| {
            let mut all = vec![("cookie", &b"__session=x"[..]), ("host", b"app.example.com:8443")];
            all.extend(lines.iter().map(|(name, value)| (*name, value.as_bytes())));
            let refused = Err("a session cookie from another site");
            let expect = if accepted { Ok(Some("x")) } else { refused };
            for method in [
                Method::POST,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
                Method::TRACE,
            ] {
                check(&method, &all, expect);
            }
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                check(&method, &all, Ok(Some("x")));
            }
        };
        let ours = ("origin", "https://app.example.com:8443");
        post(&[], false);
        post(&[("sec-fetch-site", "same-origin")], true);
        post(&[("sec-fetch-site", "none")], true);
        post(&[("sec-fetch-site", "same-site")], false);
        post(&[("sec-fetch-site", "cross-site")], false);
        post(&[("sec-fetch-site", "cross-site"), ours], false);
        post(&[("sec-fetch-site", "")], false);
        post(
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
            false,
        );
        post(&[ours], true);
        post(&[("origin", "https://APP.example.com:8443")], true);
        post(&[("origin", "https://app.example.com")], false);
        post(&[("origin", "https://app.example.com:8443.evil.example")], false);
        post(&[("origin", "https://evil.example")], false);
        post(&[("origin", "null")], false);
        post(&[("origin", "app.example.com:8443")], false);
        post(&[ours, ours], false);
        post(&[ours, ("host", "evil.example")], false);
        post(&[("referer", "https://app.example.com:8443/x")], false);
    }

    #[test]
    fn a_socket_must_come_from_the_same_origin() {
        let refused = Err("a session cookie from another site");
        let open = |line: (&'static str, &'static [u8]), expect: Expect| {
            let lines = [
                ("cookie", &b"__session=x"[..]),
                ("host", b"a.example"),
                ("upgrade", b"websocket"),
                line,
            ];
            check(&Method::GET, &lines, expect);
        };
        open(("accept", b"*/*"), refused);
        open(("origin", b"https://evil.example"), refused);
        open(("sec-fetch-site", b"cross-site"), refused);
        open(("origin", b"https://a.example"), Ok(Some("x")));
        open(("sec-fetch-site", b"same-origin"), Ok(Some("x")));
    }

    #[test]
    fn a_name_is_one_word() {
        for (name, legal) in [
            ("__session", true),
            ("__Host-session", true),
            ("", false),
            ("a b", false),
            ("a=b", false),
            ("a;b", false),
            ("é", false),
        ] {
            assert_eq!(SessionCookie::named(name).is_ok(), legal, "{name}");
        }
        assert!(SessionCookie::named(&"a".repeat(65)).is_err());
    }
}
