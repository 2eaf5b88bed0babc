//! The mint.

use std::{fmt, sync::Arc};

use serde_json::Value;
use tenancy_core::{IdentityTenant, Subject};

use super::{TokenDraft, key::SigningKey};

/// Makes ID tokens as Identity Platform does, for a project and with a key of its own.
///
/// A service trusts them when its `identity.project` is the mint's and its `identity.keys` is the address of a
/// [`KeyServer`](crate::KeyServer) that publishes the mint's key. Nothing is switched off in the service: the signature is a
/// real one.
///
/// ```
/// use tenancy_testkit::TokenMint;
///
/// let mint = TokenMint::new("demo-trips");
/// let (tenant, alice) = ("T-free".parse()?, "alice".parse()?);
/// let token = mint.token(&tenant, &alice);
/// let expired = mint.draft(&tenant, &alice).claim("exp", 1_600_000_000).sign();
/// # assert_ne!(token, expired);
/// # Ok::<(), tenancy_core::ParseIdentityError>(())
/// ```
#[derive(Clone)]
pub struct TokenMint {
    project: Arc<str>,
    key: Arc<SigningKey>,
}

impl TokenMint {
    /// A mint for a project. The mints of a process share one key, which is made when it is first needed (some
    /// tenths of a second).
    #[must_use]
    pub fn new(project: &str) -> Self {
        Self {
            project: project.into(),
            key: SigningKey::shared(),
        }
    }

    /// A mint for a project with a new key: to rotate to, or to be nobody's.
    #[must_use]
    pub fn with_new_key(project: &str) -> Self {
        Self {
            project: project.into(),
            key: Arc::new(SigningKey::generate()),
        }
    }

    /// A token of a user in an identity tenant, valid for an hour.
    #[must_use]
    pub fn token(&self, tenant: &IdentityTenant, subject: &Subject) -> String {
        self.draft(tenant, subject).sign()
    }

    /// The same token before it is signed, to be spoiled.
    pub fn draft(&self, tenant: &IdentityTenant, subject: &Subject) -> TokenDraft {
        TokenDraft::new(self, tenant, subject)
    }

    /// A session cookie of a user in an identity tenant, valid for five days. Google signs cookies with other keys than ID
    /// tokens: publish a mint of its own at the address of the cookies' keys.
    #[must_use]
    pub fn session_cookie(&self, tenant: &IdentityTenant, subject: &Subject) -> String {
        self.cookie_draft(tenant, subject).sign()
    }

    /// The same cookie before it is signed, to be spoiled.
    pub fn cookie_draft(&self, tenant: &IdentityTenant, subject: &Subject) -> TokenDraft {
        TokenDraft::session_cookie(self, tenant, subject)
    }

    /// The project: what `identity.project` must be.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The id of the key.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.key.kid
    }

    /// The public key as a JSON Web Key (RFC 7517).
    #[must_use]
    pub fn jwk(&self) -> Value {
        self.key.jwk()
    }

    /// The public key as a `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn public_key_der(&self) -> Vec<u8> {
        self.key.public_der()
    }

    /// The public key as a `SubjectPublicKeyInfo` in PEM.
    #[must_use]
    pub fn public_key_pem(&self) -> String {
        self.key.public_pem()
    }

    pub(super) fn key(&self) -> &Arc<SigningKey> {
        &self.key
    }
}

impl fmt::Debug for TokenMint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenMint")
            .field("project", &self.project)
            .field("kid", &self.key.kid)
            .finish_non_exhaustive()
    }
}
