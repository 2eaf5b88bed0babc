//! Which keys, and the bounds of their trust.

use std::time::Duration;

use super::KeyUrl;

/// Where the signing keys come from.
#[derive(Clone, Debug)]
pub struct KeySource {
    pub(super) url: KeyUrl,
    pub(super) timing: Timing,
}

impl KeySource {
    /// Google's keys for Identity Platform's ID tokens. All projects share them: issuer and audience tell projects apart.
    #[must_use]
    pub fn google() -> Self {
        Self::at(KeyUrl::google())
    }

    /// Google's keys for Identity Platform's session cookies: others than those of ID tokens.
    #[must_use]
    pub fn google_session_cookies() -> Self {
        Self::at(KeyUrl::google_session_cookies())
    }

    /// The keys at an address: a mirror, or a server of a test's own keys.
    #[must_use]
    pub fn at(url: KeyUrl) -> Self {
        Self {
            url,
            timing: Timing::default(),
        }
    }
}

/// The bounds of a key cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// How long one fetch may take, from connecting to the last byte.
    pub(super) fetch: Duration,
    /// The rest between two fetches while there are keys to serve.
    pub(super) cool_down: Duration,
    /// The rest after a failed fetch while there are none.
    pub(super) retry: Duration,
    /// The least that the server's `max-age` is taken for.
    pub(super) min_fresh: Duration,
    /// The most that the server's `max-age` is taken for.
    pub(super) max_fresh: Duration,
    /// How long keys serve beyond their freshness while the server fails. Longer means that a withdrawn key is trusted
    /// for longer by those who can't hear of it; shorter means that nobody gets in sooner.
    pub(super) stale: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            fetch: Duration::from_secs(3),
            cool_down: Duration::from_secs(30),
            retry: Duration::from_secs(1),
            min_fresh: Duration::from_secs(60),
            max_fresh: Duration::from_secs(24 * 3600),
            stale: Duration::from_secs(6 * 3600),
        }
    }
}
