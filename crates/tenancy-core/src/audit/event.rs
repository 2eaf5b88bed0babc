//! One decision about one action.

use jiff::Timestamp;

use super::Target;
use crate::{Actor, Decision, RequestId, TenantId};

/// One decision about one action: who, what, on what, whether, by which rule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditEvent {
    /// When it was decided.
    pub at: Timestamp,
    /// The tenant.
    pub tenant: TenantId,
    /// Who acts, in whose name and through whom.
    pub actor: Actor,
    /// The request it belongs to.
    pub request: RequestId,
    /// The permission that was asked for.
    pub action: &'static str,
    /// What it was asked for, where the application named it.
    pub target: Option<Target>,
    /// The decision, its rule and the rule's version.
    pub decision: Decision,
}
