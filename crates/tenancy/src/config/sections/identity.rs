//! `[identity]`: whose tokens and cookies are taken.

use serde::Deserialize;
use tenancy_core::SecretRef;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentitySection {
    pub(crate) project: String,
    pub(crate) keys: Option<String>,
    #[serde(default = "tokens")]
    pub(crate) remembered_tokens: usize,
    pub(crate) session_cookie: Option<SessionCookieSection>,
    pub(crate) revocation: Option<RevocationSection>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionCookieSection {
    pub(crate) name: String,
    pub(crate) keys: Option<String>,
}

fn tokens() -> usize {
    10_000
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevocationSection {
    pub(crate) access_token: SecretRef,
    pub(crate) accounts: Option<String>,
    #[serde(default = "minute")]
    pub(crate) fresh_seconds: u64,
    #[serde(default = "ten_minutes")]
    pub(crate) stale_seconds: u64,
}

fn minute() -> u64 {
    60
}

fn ten_minutes() -> u64 {
    600
}
