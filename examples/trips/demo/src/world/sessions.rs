//! Browsers' sessions: who signs their cookies, and whose accounts there are.

use std::time::Duration;

use serde_json::{Value, json};
use tenancy_core::{IdentityTenant, Subject};
use tenancy_testkit::{AccountServer, KeyServer, TokenMint};

use super::{PROJECT, Result, Target, Tenant, failure::While};

/// The identity provider's side of sessions, as the services that take them see it.
///
/// The accounts are those of the shared deployment's tenants: only there they are looked at. The access token that a look takes
/// reaches every pool of the project, and no pinned deployment holds a credential that reaches beyond its tenant.
pub struct Sessions {
    cookies: TokenMint,
    keys: KeyServer,
    accounts: AccountServer,
}

impl Sessions {
    /// The cookie.
    pub const COOKIE: &str = "__session";
    /// Within what time who signed out everywhere is out.
    pub const FRESH: Duration = Duration::from_secs(1);
    /// What a deployment shows to look at accounts.
    pub(super) const ACCESS_TOKEN: &str = AccountServer::ACCESS_TOKEN;

    pub(super) async fn start(tenants: &[Tenant]) -> Result<Self> {
        let what = || "serve what sessions take".to_owned();
        let cookies = TokenMint::with_new_key(PROJECT);
        let keys = KeyServer::start(&cookies).await.during(what)?;
        let accounts = AccountServer::start(PROJECT).await.during(what)?;
        let sessions = Self {
            cookies,
            keys,
            accounts,
        };
        let shared = tenants.iter().filter(|tenant| tenant.target() == Target::Shared);
        for tenant in shared {
            for member in &tenant.members {
                sessions.signed_up(&tenant.record.identity_tenant, &member.subject);
            }
        }
        Ok(sessions)
    }

    /// What signs the cookies: another key than that of tokens.
    #[must_use]
    pub fn cookies(&self) -> &TokenMint {
        &self.cookies
    }

    /// There is an account from now on.
    pub fn signed_up(&self, pool: &IdentityTenant, subject: &Subject) {
        self.accounts.put(pool, subject, false, 0);
    }

    /// Who signed in before `at` (seconds since 1970) has to sign in again.
    pub fn signed_out(&self, pool: &IdentityTenant, subject: &Subject, at: i64) {
        self.accounts.put(pool, subject, false, at);
    }

    /// `identity.session_cookie`.
    pub(super) fn cookie_section(&self) -> Value {
        json!({ "name": Self::COOKIE, "keys": self.keys.url() })
    }

    /// `identity.revocation`, with a reference to the access token.
    pub(super) fn revocation_section(&self, access_token: &str) -> Value {
        let fresh = Self::FRESH.as_secs();
        json!({ "access_token": access_token, "accounts": self.accounts.url(), "fresh_seconds": fresh })
    }
}
