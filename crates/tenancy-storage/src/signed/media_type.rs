//! What content claims to be.

use std::{fmt, str::FromStr};

/// A media type without parameters (RFC 6838): `image/jpeg`. In lower case, 1 to 127 characters of
/// `[a-z0-9!#$&^_.+-]` on each side, a letter or digit first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MediaType(Box<str>);

/// A media type that no browser runs: what a download may be served as. Images but SVG, sound, video, fonts, plain text, CSV,
/// JSON, PDF, ZIP, and `application/octet-stream`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DownloadType(MediaType);

/// Why a text is no media type that can be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseMediaTypeError {
    /// No media type.
    #[error("a media type is `type/subtype` in lower case, without parameters")]
    Syntax,
    /// One that a browser could run, or that nobody said it can't.
    #[error(
        "content is served as an image but SVG, sound, video, a font, text/plain, text/csv, application/json, application/pdf, application/zip or application/octet-stream"
    )]
    NotServed,
}

const SERVED: [&str; 6] = [
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "text/csv",
    "text/plain",
];
const SERVED_KINDS: [&str; 4] = ["audio/", "font/", "image/", "video/"];

impl MediaType {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DownloadType {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Default for DownloadType {
    /// `application/octet-stream`.
    fn default() -> Self {
        Self(MediaType("application/octet-stream".into()))
    }
}

fn is_token(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&^_.+-".contains(&b);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= 127 && text.bytes().all(inner)
}

impl FromStr for MediaType {
    type Err = ParseMediaTypeError;

    fn from_str(text: &str) -> Result<Self, ParseMediaTypeError> {
        match text.split_once('/') {
            Some((kind, subtype)) if is_token(kind) && is_token(subtype) => Ok(Self(text.into())),
            _ => Err(ParseMediaTypeError::Syntax),
        }
    }
}

impl FromStr for DownloadType {
    type Err = ParseMediaTypeError;

    fn from_str(text: &str) -> Result<Self, ParseMediaTypeError> {
        let media: MediaType = text.parse()?;
        let of_kind = SERVED_KINDS.iter().any(|kind| text.starts_with(kind)) && !text.contains("svg");
        if of_kind && !text.contains("xml") || SERVED.contains(&text) {
            Ok(Self(media))
        } else {
            Err(ParseMediaTypeError::NotServed)
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DownloadType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use ParseMediaTypeError::{NotServed, Syntax};

    use super::*;

    #[test]
    fn what_a_browser_runs_is_not_served() {
        for (text, expect) in [
            ("image/jpeg", None),
            ("video/mp4", None),
            ("text/plain", None),
            ("application/octet-stream", None),
            ("image/svg+xml", Some(NotServed)),
            ("image/svg", Some(NotServed)),
            ("image/xml", Some(NotServed)),
            ("text/html", Some(NotServed)),
            ("text/javascript", Some(NotServed)),
            ("application/xhtml+xml", Some(NotServed)),
            ("multipart/x-mixed-replace", Some(NotServed)),
            ("", Some(Syntax)),
            ("image", Some(Syntax)),
            ("image/", Some(Syntax)),
            ("Image/jpeg", Some(Syntax)),
            ("image/jpeg;x=y", Some(Syntax)),
            ("image/jpeg\r\nx-goog-acl:public-read", Some(Syntax)),
            ("image/jpeg, text/html", Some(Syntax)),
        ] {
            assert_eq!(text.parse::<DownloadType>().err(), expect, "{text}");
        }
        assert!(DownloadType::default().as_str().parse::<DownloadType>().is_ok());
    }
}
