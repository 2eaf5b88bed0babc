//! What a service token says.

use serde::{Deserialize, Serialize};
use tenancy_core::{ServiceName, TenantId};
use uuid::Uuid;

/// The claims of a service token. What is not known is refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceClaims {
    pub(crate) iss: ServiceName,
    pub(crate) aud: ServiceName,
    pub(crate) tenant: TenantId,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: Uuid,
    /// The method of the one call, as RFC 9449 section 4.2 has it.
    pub(crate) htm: String,
    /// The path of the one call. RFC 9449 has the whole address; what a service is reached at differs by who asks.
    pub(crate) htp: String,
    /// The hash of the token of the user in whose name the call is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ath: Option<String>,
}

impl ServiceClaims {
    pub(crate) const MEMBERS: [&'static str; 9] =
        ["iss", "aud", "tenant", "iat", "exp", "jti", "htm", "htp", "ath"];
}
