//! The name of a photo.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a photo within its itinerary: 1 to 100 of `A-Za-z0-9._-`, beginning with a letter or digit. So it is a
/// path segment, a file name and a quoted string in a header without escapes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(try_from = "String")]
#[sqlx(transparent)]
pub(crate) struct PhotoName(String);

impl TryFrom<String> for PhotoName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b".-_".contains(&b);
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if starts && text.len() <= 100 && text.bytes().all(legal) {
            Ok(Self(text))
        } else {
            Err("1 to 100 of A-Z, a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit")
        }
    }
}

impl fmt::Display for PhotoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_no_escape_in_a_path_or_a_header() {
        for (text, legal) in [
            ("a", true),
            ("Summit-2.final_1.jpg", true),
            ("0", true),
            ("", false),
            (".", false),
            ("..", false),
            (".hidden", false),
            ("-a", false),
            ("a/b", false),
            ("a\\b", false),
            ("a\"b", false),
            ("a b", false),
            ("a\r\nb", false),
            ("ä.jpg", false),
        ] {
            assert_eq!(PhotoName::try_from(text.to_owned()).is_ok(), legal, "{text:?}");
        }
        assert!(PhotoName::try_from("a".repeat(100)).is_ok());
        assert!(PhotoName::try_from("a".repeat(101)).is_err());
    }
}
