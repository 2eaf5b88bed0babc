//! The name of an object within its tenant's store.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A tenant's prefix and a key together stay within the 1024 bytes that object stores allow.
pub(crate) const MAX_KEY: usize = 900;
/// File systems allow 255 bytes, and the local store appends to a name while it writes.
const MAX_SEGMENT: usize = 200;

/// Names an object within one tenant's store: `photos/2031/lisbon.jpg`.
///
/// - 1 to 900 bytes, in segments of 1 to 200 bytes that `/` separates; no empty segment, so no slash first or last;
/// - segments are made of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`;
/// - no segment ends with a dot, which leaves out `.` and `..`;
/// - the first two segments are not `.well-known/acme-challenge`, which the cloud keeps for itself.
///
/// The alphabet is the unreserved one of URLs (RFC 3986 section 2.3) without `~`, which some encoders escape. What it
/// leaves out is what one layer or another rewrites on the way to the store: escapes and backslashes that URL parsers
/// turn into dots and slashes, `?` and `#` that end a path, controls that they drop, and characters that Unicode
/// normalisation turns into dots and slashes. A key of this alphabet is the same before and after each of them. A
/// file name that a user chose belongs in a column; name the object by an id.
///
/// Keys are compared byte by byte. A caller's text becomes a key by parsing, and in no other way:
///
/// ```
/// use tenancy_storage::ObjectKey;
///
/// assert!("photos/2031/lisbon.jpg".parse::<ObjectKey>().is_ok());
/// assert!("photos/../../other-tenant/lisbon.jpg".parse::<ObjectKey>().is_err());
/// ```
///
/// ```compile_fail,E0277
/// let key: tenancy_storage::ObjectKey = "photos/lisbon.jpg".into();
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(Box<str>);

/// Why a text is no object key. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseKeyError {
    /// Empty, or too long.
    #[error("an object key has 1 to 900 bytes")]
    Length,
    /// A slash first, last, or next to another.
    #[error("an object key has no empty segment")]
    EmptySegment,
    /// A segment that no file system would take.
    #[error("a segment of an object key has 200 bytes at most")]
    SegmentLength,
    /// A character outside of the alphabet.
    #[error("an object key is made of A-Z, a-z, 0-9, `-`, `_`, `.` and `/`")]
    Alphabet,
    /// `.`, `..`, and names that some file systems shorten.
    #[error("a segment of an object key does not end with a dot")]
    FinalDot,
    /// A name of the cloud's.
    #[error("the object key is reserved for certificates")]
    Reserved,
}

impl ObjectKey {
    /// The key's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_segment(segment: &str) -> Result<(), ParseKeyError> {
    if segment.is_empty() {
        return Err(ParseKeyError::EmptySegment);
    }
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if !segment.bytes().all(inner) {
        return Err(ParseKeyError::Alphabet);
    }
    if segment.len() > MAX_SEGMENT {
        return Err(ParseKeyError::SegmentLength);
    }
    if segment.ends_with('.') {
        return Err(ParseKeyError::FinalDot);
    }
    Ok(())
}

impl FromStr for ObjectKey {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        if text.is_empty() || text.len() > MAX_KEY {
            return Err(ParseKeyError::Length);
        }
        text.split('/').try_for_each(check_segment)?;
        let mut segments = text.split('/');
        if segments.next() == Some(".well-known") && segments.next() == Some("acme-challenge") {
            return Err(ParseKeyError::Reserved);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = ParseKeyError;

    fn try_from(text: String) -> Result<Self, ParseKeyError> {
        text.parse()
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0.into()
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ObjectKey {
    /// The length alone: a key is the tenant's, and `#[instrument]` logs arguments in this form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectKey({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Option<ParseKeyError>) {
        assert_eq!(text.parse::<ObjectKey>().err(), expect, "{text:?}");
    }

    #[test]
    fn keys() {
        for legal in [
            "a",
            "photos/2031/Lisbon_01.JPG",
            ".config",
            "a/.hidden/..b/c",
            "-",
            "_",
            ".well-known",
            ".well-known/acme-challenges",
            "x/.well-known/acme-challenge/y",
            "01890a5d-ac96-774b-bcce-b302099a8057/uploads/x",
            &["a"; 450].join("/"),
            &["s".repeat(200), "s".repeat(200)].join("/"),
        ] {
            check(legal, None);
        }
    }

    #[test]
    fn hostile_keys_are_refused() {
        use ParseKeyError::*;
        for (text, error) in [
            ("", Length),
            (&*"a".repeat(901), Length),
            (&*"a".repeat(201), SegmentLength),
            ("/", EmptySegment),
            ("/a", EmptySegment),
            ("a/", EmptySegment),
            ("a//b", EmptySegment),
            ("//host/a", EmptySegment),
            (".", FinalDot),
            ("..", FinalDot),
            ("...", FinalDot),
            ("a/..", FinalDot),
            ("../b", FinalDot),
            ("a/../../tenant/b", FinalDot),
            ("a/./b", FinalDot),
            ("a./b", FinalDot),
            (".well-known/acme-challenge", Reserved),
            (".well-known/acme-challenge/token", Reserved),
        ] {
            check(text, Some(error));
        }
    }

    #[test]
    fn what_some_layer_rewrites_is_refused() {
        for text in [
            "%2e%2e/b",
            ".%2E/b",
            "%252e%252e/b",
            "a%2Fb",
            "a%00b",
            "..\\b",
            "a\\..\\b",
            "C:\\b",
            "C:/b",
            "a\0b",
            "a\tb",
            ".\t./b",
            "a\nb",
            "a\r\nb",
            "a\u{7f}b",
            "a\u{85}b",
            "a\u{9f}b",
            "a?b",
            "a#b",
            "a#1",
            "a*",
            "[a]",
            "a b",
            " a",
            "a ",
            "a&b",
            "a;b",
            "a+b",
            "a=b",
            "a:b",
            "a|b",
            "a<b",
            "a\"b",
            "a'b",
            "a`b",
            "$a",
            "~a",
            "a@b",
            "{a}",
            // becomes `../` by NFKC
            "\u{ff0e}\u{ff0e}\u{ff0f}b",
            "\u{2025}/b",
            "\u{2024}\u{2024}/b",
            "a\u{2044}b",
            "a\u{2215}b",
            // two spellings of one name
            "caf\u{e9}",
            "cafe\u{301}",
            // invisible, or turns the text around
            "a\u{200b}b",
            "a\u{202e}b",
            "\u{feff}a",
            // a letter that looks like an `a`
            "\u{430}",
        ] {
            check(text, Some(ParseKeyError::Alphabet));
        }
    }

    #[test]
    fn debug_and_errors_do_not_repeat_a_tenants_text() {
        let key: ObjectKey = "diagnosis/ada-lovelace.pdf".parse().unwrap();
        assert_eq!(format!("{key:?}"), "ObjectKey(26 bytes)");
        let error = "diagnosis of ada".parse::<ObjectKey>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("ada"));
    }

    #[test]
    fn serde_refuses_what_parse_refuses() {
        assert!(serde_json::from_str::<ObjectKey>("\"a/../b\"").is_err());
        let key: ObjectKey = serde_json::from_str("\"a/b\"").unwrap();
        assert_eq!(serde_json::to_string(&key).unwrap(), "\"a/b\"");
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_keeps_to_the_alphabet(text in any::<String>()) {
            if let Ok(key) = text.parse::<ObjectKey>() {
                prop_assert_eq!(key.as_str(), &text);
                prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b)));
                prop_assert!(text.split('/').all(|s| !s.is_empty() && s != "." && s != ".."));
            }
        }
    }
}
