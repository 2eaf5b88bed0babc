//! What an envelope says.

use serde::{Deserialize, Serialize};
use tenancy_core::{Epoch, RequestId, ServiceName, TenantId};
use uuid::Uuid;

use super::JobKind;

/// The claims of an envelope. What is not known is refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobClaims {
    pub(super) iss: ServiceName,
    pub(super) aud: ServiceName,
    pub(super) tenant: TenantId,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) jti: Uuid,
    /// The job's kind.
    pub(super) kind: JobKind,
    /// The SHA-256 of its payload.
    pub(super) payload: String,
    /// The placement's epoch when it was queued: for the log. Nothing in an envelope says where data is.
    pub(super) epoch: Epoch,
    /// The request that asked for it.
    pub(super) request: RequestId,
    /// That request's trace (W3C Trace Context).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<String>,
    /// The own token of the user in whose name it was queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
}

impl JobClaims {
    pub(super) const MEMBERS: [&'static str; 12] = [
        "iss", "aud", "tenant", "iat", "exp", "jti", "kind", "payload", "epoch", "request", "trace", "user",
    ];
}
