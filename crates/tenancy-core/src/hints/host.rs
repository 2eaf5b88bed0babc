//! Hosts: which of them name a tenant.

use crate::{TenantKey, TenantSlug};

/// The hosts a deployment answers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPolicy {
    domain: String,
    also: Vec<String>,
}

/// What a host says of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// Nothing: it is the platform's own.
    Nobody,
    /// The tenant with this slug, in any case.
    Slug(&'a str),
    /// The tenant whose own domain it is, in any case; or nobody's.
    Domain(&'a str),
    /// It is no host.
    Malformed,
}

impl HostPolicy {
    /// Answers to `domain` (which names no tenant), to `{slug}.domain`, to a tenant's own domain, and to the hosts in
    /// `also`, which name no tenant either (a service's name within a cluster). Compared without regard to case.
    ///
    /// A host below `domain` that could be a tenant's stays that tenant's, even in `also`.
    #[must_use]
    pub fn new(domain: &str, also: impl IntoIterator<Item = String>) -> Self {
        Self {
            domain: domain.to_owned(),
            also: also.into_iter().collect(),
        }
    }

    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    pub(super) fn neutral(&self) -> &[String] {
        &self.also
    }

    /// The tenant's slug in `host`, when it could be a tenant's below the domain.
    #[must_use]
    pub fn slug_in(&self, host: &str) -> Option<TenantSlug> {
        let label = below(name_of(host)?, &self.domain)?;
        label.to_ascii_lowercase().parse().ok()
    }

    /// What `host` (with or without port) says of a tenant. Without allocation, unless it is below the domain.
    pub(super) fn named<'a>(&self, host: &'a str) -> Named<'a> {
        let Some(name) = name_of(host) else {
            return Named::Malformed;
        };
        let is = |other: &String| name.eq_ignore_ascii_case(other);
        match below(name, &self.domain) {
            Some(label) if !self.also.iter().any(is) || self.slug_in(host).is_some() => Named::Slug(label),
            _ if is(&self.domain) || self.also.iter().any(is) => Named::Nobody,
            _ => Named::Domain(name),
        }
    }

    /// The key of the tenant that all of `hosts` name; `None` when none does, or not one and the same.
    pub(super) fn key<'a>(&self, hosts: impl Iterator<Item = &'a str>) -> Option<TenantKey> {
        let mut found = None;
        for host in hosts {
            let key = match self.named(host) {
                Named::Nobody => continue,
                Named::Slug(label) => TenantKey::Slug(label.to_ascii_lowercase().parse().ok()?),
                Named::Domain(name) => TenantKey::Host(name.to_ascii_lowercase()),
                Named::Malformed => return None,
            };
            if found.get_or_insert_with(|| key.clone()) != &key {
                return None;
            }
        }
        found
    }
}

/// What stands before `.domain` in `name`.
fn below<'a>(name: &'a str, domain: &str) -> Option<&'a str> {
    let (head, tail) = name.split_at_checked(name.len().checked_sub(domain.len())?)?;
    let label = head.strip_suffix('.')?;
    tail.eq_ignore_ascii_case(domain).then_some(label)
}

/// The name or address in a host, without port and root dot (RFC 3986 section 3.2.2; a name's labels as in RFC 1123, and `_`).
fn name_of(host: &str) -> Option<&str> {
    let name = without_port(host);
    if name.starts_with('[') {
        let address = name.strip_prefix('[')?.strip_suffix(']')?;
        return address.parse::<std::net::Ipv6Addr>().is_ok().then_some(name);
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(legal);
    (name.len() <= 253 && name.split('.').all(label)).then_some(name)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // an IPv6 address without a port ends in its bracket
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok() => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, expect: Named<'_>) {
        let also = [
            "localhost",
            "[::1]",
            "api.app.example.com",
            "globex.app.example.com",
        ];
        let policy = HostPolicy::new("App.Example.com", also.map(str::to_owned));
        assert_eq!(policy.named(host), expect, "{host:?}");
    }

    #[test]
    fn hosts_that_name_nobody() {
        for host in [
            "app.example.com",
            "APP.EXAMPLE.COM.:443",
            "LOCALHOST:3000",
            "[::1]",
            "[::1]:3000",
            "api.app.example.com", // no slug: the platform's
        ] {
            check(host, Named::Nobody);
        }
    }

    #[test]
    fn hosts_that_name_a_tenant() {
        check("acme.app.example.com", Named::Slug("acme"));
        check("ACME.app.example.com.:8443", Named::Slug("ACME"));
        check("acme.APP.Example.com", Named::Slug("acme"));
        check("globex.app.example.com", Named::Slug("globex")); // whatever `also` says
        check("a.b.app.example.com", Named::Slug("a.b"));
        check("www.app.example.com", Named::Slug("www"));
        check("trips.acme.example:0", Named::Domain("trips.acme.example"));
        check("xapp.example.com", Named::Domain("xapp.example.com"));
        check("example.com", Named::Domain("example.com"));
        check("acme.app.example.org", Named::Domain("acme.app.example.org")); // as long as one of ours
        check("acme.appxexample.com", Named::Domain("acme.appxexample.com"));
        check("127.0.0.1:80", Named::Domain("127.0.0.1"));
        check("xn--cme-pla.example", Named::Domain("xn--cme-pla.example"));
        check("app_example.com", Named::Domain("app_example.com"));
    }

    #[test]
    fn hosts_that_are_none() {
        let long = format!("{}.example", "a".repeat(64));
        let longer = ["a".repeat(63).as_str(); 4].join(".");
        let longest = longer.get(2..).unwrap();
        check(longest, Named::Domain(longest)); // 253
        let long_by_one = longer.get(1..).unwrap();
        for host in [
            "",
            ".",
            ":80",
            "..",
            "acme.app.example.com..",
            ".app.example.com",
            "acme..app.example.com",
            "app.example.com:",
            "app.example.com:x",
            "app.example.com:+80",
            "app.example.com:80:80",
            "app.example.com:65536",
            "user@acme.app.example.com",
            "acme.app.example.com@evil.example",
            "acme.app.example.com/",
            "acme.app.example.com?",
            "acme.app.example.com#",
            "http://acme.app.example.com",
            "acme.app.example.com,evil.example",
            " acme.app.example.com",
            "acme.app.example.com ",
            "acme%2eapp.example.com",
            "äcme.app.example.com",
            "acme\u{3002}app.example.com",
            "\u{ff41}cme.app.example.com",
            "acme.app.example.com\0",
            "*.app.example.com",
            "::1",
            "[::1",
            "[::1]x",
            "[::1%25lo]",
            "[127.0.0.1]",
            "[]",
            &long,
            &longer,
            long_by_one,
        ] {
            check(host, Named::Malformed);
        }
    }

    #[test]
    fn a_slug_is_read_in_any_case() {
        let policy = HostPolicy::new("app.example.com", []);
        let slug = |host| policy.slug_in(host).map(|slug| slug.to_string());
        assert_eq!(slug("ACME.App.example.com.:8443").as_deref(), Some("acme"));
        assert_eq!(slug("a.acme.app.example.com"), None);
        assert_eq!(slug("acme.app.example.org"), None);
    }

    #[test]
    fn without_a_domain_nothing_is_below_it() {
        let none = HostPolicy::default();
        assert_eq!(none.named("acme.example"), Named::Domain("acme.example"));
        assert_eq!(none.named("acme."), Named::Domain("acme"));
    }

    fn key(hosts: &[&str], expect: Option<TenantKey>) {
        let policy = HostPolicy::new("app.example.com", ["trips".to_owned()]);
        assert_eq!(policy.key(hosts.iter().copied()), expect, "{hosts:?}");
    }

    #[test]
    fn several_hosts_name_one_tenant_or_none() {
        let acme = || Some(TenantKey::Slug("acme".parse().unwrap()));
        key(&["acme.app.example.com"], acme());
        key(
            &["trips", "ACME.app.example.com:443", "acme.app.example.com."],
            acme(),
        );
        key(
            &["Trips.Acme.Example"],
            Some(TenantKey::Host("trips.acme.example".to_owned())),
        );
        for none in [
            &[][..],
            &["app.example.com"],
            &["acme.app.example.com", "globex.app.example.com"],
            &["acme.app.example.com", "trips.acme.example"],
            &["acme.app.example.com", ""],
            &["", "acme.app.example.com"],
            &["xn--acme.app.example.com"],
            &["www.app.example.com"],
            &["a.acme.app.example.com"],
        ] {
            key(none, None);
        }
    }
}
