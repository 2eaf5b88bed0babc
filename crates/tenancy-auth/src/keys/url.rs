//! Where keys are fetched.

use std::{fmt, str::FromStr};

use crate::outbound::{ParseUrlError, TrustedUrl};

/// The address of a set of keys (a JWKS, RFC 7517): `https`, or `http` on this machine's loopback.
///
/// Whoever can answer at this address can sign anyone in, so it takes no clear text beyond loopback. It has no user, no
/// password and no fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyUrl(TrustedUrl);

const ID_TOKENS: &str =
    "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";
const SESSION_COOKIES: &str = "https://identitytoolkit.googleapis.com/v1/sessionCookiePublicKeys";

impl KeyUrl {
    #[expect(clippy::expect_used, reason = "a constant, and a test parses it")]
    pub(super) fn google() -> Self {
        ID_TOKENS.parse().expect("Google's address is one")
    }

    #[expect(clippy::expect_used, reason = "a constant, and a test parses it")]
    pub(super) fn google_session_cookies() -> Self {
        SESSION_COOKIES.parse().expect("Google's address is one")
    }

    pub(super) fn trusted(&self) -> &TrustedUrl {
        &self.0
    }
}

impl FromStr for KeyUrl {
    type Err = ParseUrlError;

    fn from_str(text: &str) -> Result<Self, ParseUrlError> {
        TrustedUrl::parse(text, "keys").map(Self)
    }
}

impl fmt::Display for KeyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for KeyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, legal: bool) {
        assert_eq!(text.parse::<KeyUrl>().is_ok(), legal, "{text:?}");
    }

    #[test]
    fn keys_come_over_https_or_from_loopback() {
        check(ID_TOKENS, true);
        check(SESSION_COOKIES, true);
        check("https://10.0.0.1/jwk", true);
        check("http://127.0.0.1:9000/jwk", true);
        check("http://127.9.9.9/jwk", true);
        check("http://[::1]:9000/jwk", true);
        check("http://localhost:9000/jwk", true);
        check("http://www.googleapis.com/jwk", false);
        check("http://10.0.0.1/jwk", false);
        check("http://localhost.example.com/jwk", false);
        check("http://127.0.0.1.example.com/jwk", false);
        check("http://0.0.0.0/jwk", false);
        check("file:///etc/keys", false);
        check("data:application/json,{}", false);
        check("localhost:9000", false);
        check("", false);
    }

    #[test]
    fn an_address_holds_no_secret() {
        check("https://user@example.com/jwk", false);
        check("https://:password@example.com/jwk", false);
        check("https://example.com/jwk#fragment", false);
        assert!(
            !"https://u:hunter2@example.com"
                .parse::<KeyUrl>()
                .unwrap_err()
                .to_string()
                .contains("hunter2")
        );
    }
}
