//! Mints, servers of their keys, and verifiers that trust them.

use std::sync::LazyLock;

use tenancy_auth::{IdTokenVerifier, KeySource, SessionCookieVerifier};
use tenancy_core::{IdentityTenant, Subject};
use tenancy_testkit::{KeyServer, TokenDraft, TokenMint};

pub(crate) const PROJECT: &str = "demo-trips";

/// Making a key takes some tenths of a second: the worlds of a process share the cookies' key.
static COOKIES: LazyLock<TokenMint> = LazyLock::new(|| TokenMint::with_new_key(PROJECT));

pub(crate) struct World {
    pub(crate) mint: TokenMint,
    pub(crate) server: KeyServer,
    pub(crate) verifier: IdTokenVerifier,
    /// Cookies are signed by other keys than ID tokens.
    pub(crate) cookies: TokenMint,
    pub(crate) cookie_server: KeyServer,
    pub(crate) cookie_verifier: SessionCookieVerifier,
}

impl World {
    pub(crate) async fn start() -> Self {
        let (mint, cookies) = (TokenMint::new(PROJECT), COOKIES.clone());
        let server = KeyServer::start(&mint).await.unwrap();
        let cookie_server = KeyServer::start(&cookies).await.unwrap();
        Self {
            verifier: IdTokenVerifier::new(PROJECT.parse().unwrap(), keys(&server)),
            cookie_verifier: SessionCookieVerifier::new(PROJECT.parse().unwrap(), keys(&cookie_server)),
            mint,
            server,
            cookies,
            cookie_server,
        }
    }

    pub(crate) fn draft(&self) -> TokenDraft {
        self.mint.draft(&tenant(), &subject())
    }

    pub(crate) fn token(&self) -> String {
        self.mint.token(&tenant(), &subject())
    }

    pub(crate) fn cookie_draft(&self) -> TokenDraft {
        self.cookies.cookie_draft(&tenant(), &subject())
    }
}

pub(crate) fn verifier(server: &KeyServer) -> IdTokenVerifier {
    IdTokenVerifier::new(PROJECT.parse().unwrap(), keys(server))
}

pub(crate) fn keys(server: &KeyServer) -> KeySource {
    KeySource::at(server.url().parse().unwrap())
}

pub(crate) fn tenant() -> IdentityTenant {
    "T-free".parse().unwrap()
}

pub(crate) fn subject() -> Subject {
    "alice".parse().unwrap()
}

/// A header with that bearer token.
pub(crate) fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

/// A header with that session cookie, and another cookie.
pub(crate) fn cookie(session: &str) -> String {
    format!("cookie: theme=dark; __session={session}\r\n")
}
