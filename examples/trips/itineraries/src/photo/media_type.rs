//! The media types of photos.

use axum::http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use tenancy::{Error, Result};

/// What a photo can be. No type that a browser runs, such as SVG or HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(type_name = "text")]
pub(crate) enum MediaType {
    #[serde(rename = "image/jpeg")]
    #[sqlx(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/png")]
    #[sqlx(rename = "image/png")]
    Png,
    #[serde(rename = "image/webp")]
    #[sqlx(rename = "image/webp")]
    Webp,
}

impl MediaType {
    const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// The value of `Content-Type`.
    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.as_str())
    }

    /// What the request says its body is; parameters are ignored.
    ///
    /// # Errors
    ///
    /// 415 for another type, or none.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self> {
        let text = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = text.split(';').next().unwrap_or_default().trim();
        let known = Self::ALL
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(essence));
        known.ok_or_else(|| Error::unsupported_media_type("image/jpeg, image/png, image/webp"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_that_no_browser_runs() {
        let of = |text| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(text))]);
            MediaType::of(&headers).map_err(|error| error.problem().status())
        };
        assert_eq!(of("image/jpeg"), Ok(MediaType::Jpeg));
        assert_eq!(of("IMAGE/PNG; q=1"), Ok(MediaType::Png));
        assert_eq!(of("image/webp"), Ok(MediaType::Webp));
        for text in [
            "image/svg+xml",
            "text/html",
            "image/jpeg2",
            "image",
            "",
            "application/octet-stream",
        ] {
            assert_eq!(of(text), Err(415), "{text}");
        }
        assert_eq!(
            MediaType::of(&HeaderMap::new()).unwrap_err().problem().status(),
            415
        );
    }
}
