//! The `Forwarded` header (RFC 7239 section 4): one element a proxy.

use std::net::IpAddr;

use super::address::address;

/// Who sent the request to the proxy that wrote the element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Address(IpAddr),
    /// `unknown`, a made-up name (section 6.3), or nothing.
    Hidden,
}

/// What one proxy wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) sender: Sender,
    pub(super) host: Option<String>,
}

/// It is not written as the RFC says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// The elements of one line of the header, the client's side first.
pub(super) fn elements(line: &str) -> Result<Vec<Element>, Malformed> {
    let (mut found, mut rest) = (Vec::new(), line);
    loop {
        let (element, end) = element(rest)?;
        found.push(element);
        match end.strip_prefix(',') {
            Some(next) => rest = next,
            None if end.is_empty() => return Ok(found),
            None => return Err(Malformed),
        }
    }
}

fn element(text: &str) -> Result<(Element, &str), Malformed> {
    let (mut sender, mut host, mut rest) = (None, None, text);
    loop {
        let (name, value, end) = pair(rest)?;
        let twice = match name.to_ascii_lowercase().as_str() {
            "for" => sender.replace(sender_of(&value)?).is_some(),
            "host" => host.replace(value).is_some(),
            _ => false,
        };
        if twice {
            return Err(Malformed);
        }
        match end.strip_prefix(';') {
            Some(next) => rest = next,
            None => {
                let sender = sender.unwrap_or(Sender::Hidden);
                return Ok((Element { sender, host }, end));
            }
        }
    }
}

fn sender_of(value: &str) -> Result<Sender, Malformed> {
    let name = value.split(':').next().unwrap_or_default();
    if name.eq_ignore_ascii_case("unknown") || name.starts_with('_') {
        return Ok(Sender::Hidden);
    }
    address(value).map(Sender::Address).ok_or(Malformed)
}

/// `name=value`, with space around it; what follows.
fn pair(text: &str) -> Result<(&str, String, &str), Malformed> {
    let (name, rest) = text
        .trim_start_matches([' ', '\t'])
        .split_once('=')
        .ok_or(Malformed)?;
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(Malformed);
    }
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => unquoted(quoted)?,
        None => {
            let end = rest.find(|c: char| !is_plain(c)).unwrap_or(rest.len());
            let (value, rest) = rest.split_at_checked(end).ok_or(Malformed)?;
            (value.to_owned(), rest)
        }
    };
    if value.is_empty() {
        return Err(Malformed);
    }
    Ok((name, value, rest.trim_start_matches([' ', '\t'])))
}

/// What stands before the closing quote, and what follows it.
fn unquoted(text: &str) -> Result<(String, &str), Malformed> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return text.get(at + 1..).map(|rest| (value, rest)).ok_or(Malformed),
            '\\' => value.push(characters.next().ok_or(Malformed)?.1),
            other => value.push(other),
        }
    }
    Err(Malformed)
}

/// RFC 9110 section 5.6.2.
fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

/// A token, and what proxies write without quotes although they should not: ports and IPv6 addresses.
fn is_plain(c: char) -> bool {
    u8::try_from(c).is_ok_and(|b| is_token(b) || b":[]".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &[(Option<&str>, Option<&str>)]) {
        let expect = expect.iter().map(|(sender, host)| Element {
            sender: sender.map_or(Sender::Hidden, |text| Sender::Address(text.parse().unwrap())),
            host: host.map(str::to_owned),
        });
        assert_eq!(elements(line), Ok(expect.collect()), "{line:?}");
    }

    #[test]
    fn lines() {
        check("for=192.0.2.43", &[(Some("192.0.2.43"), None)]);
        check(
            "For=\"[2001:db8:cafe::17]:4711\"",
            &[(Some("2001:db8:cafe::17"), None)],
        );
        check(
            "for=192.0.2.60;proto=http;by=203.0.113.43 , for=198.51.100.17 ; host=a.example",
            &[
                (Some("192.0.2.60"), None),
                (Some("198.51.100.17"), Some("a.example")),
            ],
        );
        check("for=unknown", &[(None, None)]);
        check(
            "for=Unknown:7;host=\"a.example:80\"",
            &[(None, Some("a.example:80"))],
        );
        check("for=_gazonk", &[(None, None)]);
        check("for=\"_hidden:_port\"", &[(None, None)]);
        check("proto=https", &[(None, None)]);
        check("host=\"a\\.b\"", &[(None, Some("a.b"))]);
        check("for=1.2.3.4;x=\"a,b;for=6.6.6.6\"", &[(Some("1.2.3.4"), None)]);
        check("for=[2001:db8::1]:1", &[(Some("2001:db8::1"), None)]);
        check("host=a.example:80", &[(None, Some("a.example:80"))]);
    }

    #[test]
    fn what_is_written_otherwise_is_not_read() {
        for line in [
            "",
            " ",
            ",",
            "for=1.2.3.4,",
            ",for=1.2.3.4",
            "for=1.2.3.4;",
            ";for=1.2.3.4",
            "for",
            "for=",
            "=1.2.3.4",
            "for =1.2.3.4",
            "for= 1.2.3.4",
            "for=1.2.3.4 for=5.6.7.8",
            "for=1.2.3.4;for=5.6.7.8",
            "host=a;host=a",
            "for=1.2.3.4;FOR=5.6.7.8",
            "for=\"1.2.3.4",
            "for=\"1.2.3.4\"x",
            "for=\"1.2.3.4\\",
            "for=\"\"",
            "host=",
            "host=\"\"",
            "for=1.2.3",
            "for=example.com",
            "for=1.2.3.4/8",
            "f(r=1.2.3.4",
            "for=ä",
            // what a client left open, and its proxy closed
            "x=\", for=192.0.2.1;host=\"a.example\"",
        ] {
            assert_eq!(elements(line), Err(Malformed), "{line:?}");
        }
    }
}
