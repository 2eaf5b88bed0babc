//! What a job is.

use std::{fmt, str::FromStr};

/// What a job is, as the application names it: 1 to 64 characters of a-z, 0-9, `_`, `-`, `.` and `:`, such as `photo.thumbnail`.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobKind(Box<str>);

/// Why a text is no kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a kind of job is 1 to 64 characters of a-z, 0-9, `_`, `-`, `.` and `:`")]
pub struct ParseJobKindError;

impl JobKind {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JobKind {
    type Err = ParseJobKindError;

    fn from_str(text: &str) -> Result<Self, ParseJobKindError> {
        let alphabet = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.:".contains(&b);
        if (1..=64).contains(&text.len()) && text.bytes().all(alphabet) {
            Ok(Self(text.into()))
        } else {
            Err(ParseJobKindError)
        }
    }
}

impl TryFrom<String> for JobKind {
    type Error = ParseJobKindError;

    fn try_from(text: String) -> Result<Self, ParseJobKindError> {
        text.parse()
    }
}

impl From<JobKind> for String {
    fn from(kind: JobKind) -> Self {
        kind.0.into()
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (text, legal) in [
            ("photo.thumbnail", true),
            ("a", true),
            ("", false),
            ("Photo", false),
            ("a b", false),
            ("a/b", false),
            (&"a".repeat(64), true),
            (&"a".repeat(65), false),
        ] {
            assert_eq!(text.parse::<JobKind>().is_ok(), legal, "{text:?}");
        }
    }
}
