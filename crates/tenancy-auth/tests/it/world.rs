//! A mint, a server of its key, and a verifier that trusts it.

use tenancy_auth::{IdTokenVerifier, KeySource};
use tenancy_core::{IdentityTenant, Subject};
use tenancy_testkit::{KeyServer, TokenDraft, TokenMint};

pub(crate) const PROJECT: &str = "demo-trips";

pub(crate) struct World {
    pub(crate) mint: TokenMint,
    pub(crate) server: KeyServer,
    pub(crate) verifier: IdTokenVerifier,
}

impl World {
    pub(crate) async fn start() -> Self {
        let mint = TokenMint::new(PROJECT);
        let server = KeyServer::start(&mint).await.unwrap();
        let verifier = verifier(&server);
        Self {
            mint,
            server,
            verifier,
        }
    }

    pub(crate) fn draft(&self) -> TokenDraft {
        self.mint.draft(&tenant(), &subject())
    }

    pub(crate) fn token(&self) -> String {
        self.mint.token(&tenant(), &subject())
    }
}

pub(crate) fn verifier(server: &KeyServer) -> IdTokenVerifier {
    IdTokenVerifier::new(
        PROJECT.parse().unwrap(),
        KeySource::at(server.url().parse().unwrap()),
    )
}

pub(crate) fn tenant() -> IdentityTenant {
    "T-free".parse().unwrap()
}

pub(crate) fn subject() -> Subject {
    "alice".parse().unwrap()
}
