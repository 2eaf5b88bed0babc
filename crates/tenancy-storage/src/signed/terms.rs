//! What a URL allows.

use super::{DownloadName, DownloadType, MediaType, UrlLifetime};
use crate::PutMode;

/// What a URL to read an object allows: for 5 minutes, as a nameless download of `application/octet-stream`, unless told
/// otherwise. All of it is bound into the signature.
#[derive(Clone, Debug)]
pub struct GetTerms {
    pub(super) lifetime: UrlLifetime,
    pub(super) name: Option<DownloadName>,
    pub(super) served_as: DownloadType,
}

impl Default for GetTerms {
    fn default() -> Self {
        Self {
            lifetime: UrlLifetime::GET,
            name: None,
            served_as: DownloadType::default(),
        }
    }
}

impl GetTerms {
    /// The URL is good for that long.
    #[must_use]
    pub fn lifetime(mut self, lifetime: UrlLifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// A browser keeps the download under this name.
    #[must_use]
    pub fn named(mut self, name: DownloadName) -> Self {
        self.name = Some(name);
        self
    }

    /// The content is served as this type, whatever its writer said it is. Still as a download: a page can show an image by
    /// `<img>`, but a link to it opens no page.
    #[must_use]
    pub fn served_as(mut self, served_as: DownloadType) -> Self {
        self.served_as = served_as;
        self
    }
}

/// What a URL to write an object allows: for 15 minutes, content of one type, within a range of sizes, and only when no
/// object has the key, unless told otherwise. All of it is bound into the signature.
#[derive(Clone, Debug)]
pub struct PutTerms {
    pub(super) lifetime: UrlLifetime,
    pub(super) content_type: MediaType,
    pub(super) min_bytes: u64,
    pub(super) max_bytes: u64,
    pub(super) mode: PutMode,
}

impl PutTerms {
    /// Content of that type, of 0 to `max_bytes` bytes.
    #[must_use]
    pub fn new(content_type: MediaType, max_bytes: u64) -> Self {
        Self {
            lifetime: UrlLifetime::PUT,
            content_type,
            min_bytes: 0,
            max_bytes,
            mode: PutMode::Create,
        }
    }

    /// The URL is good for that long.
    #[must_use]
    pub fn lifetime(mut self, lifetime: UrlLifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// At least that many bytes; the most, when it is more than that.
    #[must_use]
    pub fn at_least(mut self, bytes: u64) -> Self {
        self.min_bytes = bytes.min(self.max_bytes);
        self
    }

    /// The upload may replace an object. Until the URL's end it may do so again and again.
    #[must_use]
    pub fn replacing(mut self) -> Self {
        self.mode = PutMode::Replace;
        self
    }
}
