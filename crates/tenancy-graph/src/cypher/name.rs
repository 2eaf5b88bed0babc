//! Names that go into a query's text, where no parameter can.

use std::{fmt, str::FromStr};

/// Why a text is no name of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} has 1 to 64 characters of A-Z, a-z, 0-9 and _, and a letter first")]
pub struct ParseNameError(&'static str);

/// A name that was parsed, and can stand in a query's text: [`Label`], [`RelationshipType`] or [`PropertyName`].
pub trait Name: sealed::Sealed {
    /// The name's text.
    fn as_str(&self) -> &str;
}

mod sealed {
    pub trait Sealed {}
}

/// Nothing that ends a quoted name, and nothing that looks like another name.
fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        ///
        /// 1 to 64 characters of `[A-Za-z0-9_]`, a letter first. Parsed once.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl FromStr for $name {
            type Err = ParseNameError;

            fn from_str(text: &str) -> Result<Self, ParseNameError> {
                is_name(text).then(|| Self(text.into())).ok_or(ParseNameError($what))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl sealed::Sealed for $name {}

        impl Name for $name {
            fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

name! {
    /// A node's label: `Place`.
    Label, "a label"
}
name! {
    /// A relationship's type: `WENT_TO`.
    RelationshipType, "a relationship type"
}
name! {
    /// A property's name: `title`.
    PropertyName, "a property name"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_needs_no_escape() {
        let long = "a".repeat(65);
        for (text, legal) in [
            ("Place", true),
            ("WENT_TO", true),
            ("a1", true),
            (&long[1..], true),
            (&long, false),
            ("", false),
            ("_TenancyMigration", false),
            ("1a", false),
            ("a b", false),
            ("a`) DETACH DELETE n //", false),
            ("a\\u0060", false),
            ("Ｐlace", false),
            ("a\0", false),
            ("K\u{212A}", false),
        ] {
            assert_eq!(text.parse::<Label>().is_ok(), legal, "{text}");
        }
    }
}
