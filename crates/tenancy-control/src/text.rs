//! Texts that the registry keeps, parsed once.

use std::{fmt, net::Ipv4Addr, str::FromStr};

/// Why a text is none of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {rule}")]
pub struct ParseTextError {
    what: &'static str,
    rule: &'static str,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $check:expr, $what:literal, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ParseTextError;

            fn from_str(text: &str) -> Result<Self, ParseTextError> {
                let legal: fn(&str) -> bool = $check;
                if legal(text) { Ok(Self(text.into())) } else { Err(ParseTextError { what: $what, rule: $rule }) }
            }
        }
    };
}

macro_rules! shown {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

macro_rules! hidden {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            /// Without the text: logs hold nothing tenant-owned but ids.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}

text! {
    /// A tenant's name for people: 1 to 255 characters, none of them a control character, some of them no space.
    TenantName,
    |text| (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control) && !text.trim().is_empty(),
    "a tenant's name", "1 to 255 characters, not only spaces"
}
text! {
    /// A user's e-mail address, as the identity provider has it: 3 to 255 characters with an `@` between others.
    /// Whether mail reaches it, the provider knows.
    Email,
    |text| text.chars().count() <= 255
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
        && text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()),
    "an e-mail address", "`local@domain`, 255 characters at most"
}
text! {
    /// A host of a tenant's own: a lower-case domain name of two labels or more, without port, no IP address.
    CustomHost,
    |text| text.len() <= 253
        && text.contains('.')
        && text.split('.').all(is_label)
        && text.parse::<Ipv4Addr>().is_err(),
    "a custom host", "a lower-case domain name such as `trips.acme.example`, without port"
}
text! {
    /// A PostgreSQL role of a deployment: `[a-z_][a-z0-9_]{0,62}`, not `pg_…`.
    ///
    /// Every role of a server can read the names of all its roles: choose names that say nothing.
    DeploymentRole,
    |text| (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !text.starts_with("pg_"),
    "a deployment's role", "1 to 63 characters of a-z, 0-9 and _, a letter or _ first, not `pg_…`"
}

shown!(CustomHost, DeploymentRole);
hidden!(Email, TenantName);

/// A label of a domain name (RFC 1123): 1 to 63 characters.
fn is_label(label: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.first().copied().is_some_and(inner)
        && bytes.last().copied().is_some_and(inner)
        && bytes.iter().all(|&b| inner(b) || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: FromStr>(legal: &[&str], illegal: &[&str]) {
        for text in legal {
            assert!(text.parse::<T>().is_ok(), "{text:?}");
        }
        for text in illegal {
            assert!(text.parse::<T>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn texts() {
        let long = "x".repeat(256);
        check::<TenantName>(&["Acme", "Ärger & Söhne", " a "], &["", "  ", "a\nb", &long]);
        check::<Email>(
            &["a@b", "o'neil+x@mail.example"],
            &[
                "",
                "a",
                "@b",
                "a@",
                "a b@c",
                "a@b\r\nBcc: x@y",
                &format!("a@{long}"),
            ],
        );
        check::<CustomHost>(
            &["trips.acme.example", "a.b", "1password.example"],
            &[
                "",
                "localhost",
                "Trips.acme.example",
                "acme.example:443",
                "acme.example.",
                "-a.example",
                "a..b",
                "10.0.0.1",
                "a_b.example",
            ],
        );
        check::<DeploymentRole>(
            &["shared", "_x1", "a"],
            &["", "Shared", "1a", "a-b", "a\"b", "pg_monitor", &"a".repeat(64)],
        );
    }

    #[test]
    fn what_belongs_to_people_is_not_in_logs() {
        assert_eq!(
            format!("{:?}", "ada@trips.example".parse::<Email>().unwrap()),
            "Email(..)"
        );
        assert_eq!(
            format!("{:?}", "Ada".parse::<TenantName>().unwrap()),
            "TenantName(..)"
        );
    }
}
