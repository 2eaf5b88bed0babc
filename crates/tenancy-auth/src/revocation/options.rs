//! How accounts are looked up, and the bounds of what is believed.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use super::AccessToken;
use crate::{
    Project,
    outbound::{ParseUrlError, TrustedUrl},
};

/// The base address of Identity Platform's API: `https`, or `http` on this machine's loopback.
///
/// Whoever can answer there can let the disabled in, and is shown the service's access token.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountsUrl(TrustedUrl);

const GOOGLE: &str = "https://identitytoolkit.googleapis.com";

impl AccountsUrl {
    #[expect(clippy::expect_used, reason = "a constant, and a test parses it")]
    fn google() -> Self {
        GOOGLE.parse().expect("Google's address is one")
    }

    pub(super) fn trusted(&self) -> &TrustedUrl {
        &self.0
    }
}

impl FromStr for AccountsUrl {
    type Err = ParseUrlError;

    fn from_str(text: &str) -> Result<Self, ParseUrlError> {
        TrustedUrl::parse(text, "accounts").map(Self)
    }
}

impl fmt::Debug for AccountsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How a verifier learns that a user was disabled, removed, or signed out everywhere: `accounts:lookup` in the user's
/// own pool.
///
/// # Guarantees
///
/// What happens to an account is effective within a minute ([`fresh_for`](Self::fresh_for)), as long as Identity Platform
/// answers. One lookup for each user at a time, at most two seconds; busy users are looked up beside their requests.
///
/// # Caveats
///
/// When a lookup fails, what was last known of the user serves for up to ten minutes ([`stale_for`](Self::stale_for)),
/// counted from when it was asked for; who was refused stays refused. Then nobody gets in (503). An outage of a service
/// that is asked about each user once a minute would otherwise sign everybody out at once; a token is not trusted for
/// longer by it, since it ends at its `exp` anyway. A user of whom nothing is known is never let in.
#[derive(Clone)]
pub struct Revocation {
    pub(super) project: Project,
    pub(super) token: Arc<dyn AccessToken>,
    pub(super) url: AccountsUrl,
    pub(super) users: usize,
    pub(super) timing: Timing,
}

impl Revocation {
    /// Lookups at Google, in the project's pools, with that access token.
    #[must_use]
    pub fn new(project: Project, token: impl AccessToken) -> Self {
        Self {
            project,
            token: Arc::new(token),
            url: AccountsUrl::google(),
            users: 10_000,
            timing: Timing::default(),
        }
    }

    /// Lookups at another address: a proxy, or a server of a test.
    #[must_use]
    pub fn at(mut self, url: AccountsUrl) -> Self {
        self.url = url;
        self
    }

    /// Remembers at most so many users instead of 10,000. Each takes about 500 bytes.
    #[must_use]
    pub fn remembering(mut self, users: usize) -> Self {
        self.users = users;
        self
    }

    /// Believes an answer for that long instead of a minute: the bound within which a disabled user is out.
    #[must_use]
    pub fn fresh_for(mut self, fresh: Duration) -> Self {
        self.timing.fresh = fresh;
        self
    }

    /// Believes the last answer for that long instead of ten minutes while lookups fail. At least as long as it is fresh.
    #[must_use]
    pub fn stale_for(mut self, stale: Duration) -> Self {
        self.timing.stale = stale;
        self
    }
}

impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocation")
            .field("project", &self.project)
            .field("url", &self.url)
            .field("timing", &self.timing)
            .finish_non_exhaustive()
    }
}

/// The bounds of what is known of one user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// How long one lookup may take, the access token included.
    pub(super) lookup: Duration,
    /// The rest after a lookup that failed.
    pub(super) retry: Duration,
    /// How long an answer is believed.
    pub(super) fresh: Duration,
    /// How long it is believed while lookups fail.
    pub(super) stale: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lookup: Duration::from_secs(2),
            retry: Duration::from_secs(5),
            fresh: Duration::from_secs(60),
            stale: Duration::from_secs(600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_looked_up_over_https_or_on_loopback() {
        assert!(GOOGLE.parse::<AccountsUrl>().is_ok());
        assert!("http://127.0.0.1:9000".parse::<AccountsUrl>().is_ok());
        let error = "http://example.com".parse::<AccountsUrl>().unwrap_err();
        let text = "an address of accounts is `https`, or `http` on loopback";
        assert_eq!(error.to_string(), text);
    }
}
