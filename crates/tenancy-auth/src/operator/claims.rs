//! What an operator's grant says.

use serde::{Deserialize, Serialize};
use tenancy_core::{OperatorAccess, OperatorName, Reason, ServiceName, TenantId};
use uuid::Uuid;

/// The claims of a grant. What is not known is refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantClaims {
    pub(super) iss: ServiceName,
    pub(super) aud: ServiceName,
    pub(super) sub: OperatorName,
    pub(super) tenant: TenantId,
    pub(super) access: OperatorAccess,
    pub(super) reason: Reason,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) jti: Uuid,
}

impl GrantClaims {
    pub(super) const MEMBERS: [&'static str; 9] = [
        "iss", "aud", "sub", "tenant", "access", "reason", "iat", "exp", "jti",
    ];
}
