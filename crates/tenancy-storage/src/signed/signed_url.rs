//! The secret that is given away.

use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// A URL that does what it was signed for, for whoever has it, until it ends. A secret: neither `Debug` nor `Display` shows it,
/// and it is in no log; [`expose`](Self::expose) it into the response to the client it is for, and nowhere else.
///
/// ```compile_fail,E0599
/// fn log(url: tenancy_storage::SignedUrl) -> String {
///     url.to_string()
/// }
/// ```
pub struct SignedUrl {
    pub(super) url: SecretString,
    pub(super) method: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) expires_at: Timestamp,
}

impl SignedUrl {
    /// The URL itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.expose_secret()
    }

    /// The method that it was signed for: `GET` or `PUT`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The headers that the client has to send, names in lower case, values to the letter. `Host` is not among them: clients
    /// send it by themselves. Tell the client; browsers need them allowed by the bucket's CORS rules.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// From when on the store refuses it.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedUrl")
            .field("method", &self.method)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
