//! An event as it is written down.

use serde::Serialize;

use super::AuditEvent;
use crate::{Actor, RequestId, TenantId};

/// The name and version of the form in which an [`AuditRecord`] is written. Fields may be added under it; none changes its
/// meaning.
pub const AUDIT_SCHEMA: &str = "tenancy.audit/1";

/// An event as it is written down: one JSON object, and the columns of a tenant's `tenancy.audit_log`.
///
/// ```json
/// {"schema":"tenancy.audit/1","at":"2026-01-02T03:04:05Z","tenant":"0199…","request":"0199…","actor":"user:0199…",
///  "role":"admin","via":null,"reason":null,"action":"tenant:data:write","target":"itinerary/0199…","allowed":true,
///  "rule":"all_data","policy":1}
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct AuditRecord<'e> {
    /// [`AUDIT_SCHEMA`].
    pub schema: &'static str,
    /// When it was decided: RFC 3339, UTC.
    pub at: String,
    /// The tenant.
    pub tenant: TenantId,
    /// The request.
    pub request: RequestId,
    /// Who acts: `user:{id}`, `service:{name}`, `operator:{name}`.
    pub actor: String,
    /// The role of a user.
    pub role: Option<&'e str>,
    /// The service that acts in the user's name.
    pub via: Option<&'e str>,
    /// Why an operator acts.
    pub reason: Option<&'e str>,
    /// The permission.
    pub action: &'static str,
    /// What it was used on: `kind/id`.
    pub target: Option<String>,
    /// Whether it was allowed.
    pub allowed: bool,
    /// The rule that decided.
    pub rule: &'static str,
    /// The rule's version.
    pub policy: u64,
}

impl AuditEvent {
    /// The event as it is written down.
    #[must_use]
    pub fn record(&self) -> AuditRecord<'_> {
        let (via, reason) = match &self.actor {
            Actor::User { via, .. } => (via.as_ref().map(|name| name.as_str()), None),
            Actor::Service { .. } => (None, None),
            Actor::Operator { reason, .. } => (None, Some(reason.as_str())),
        };
        AuditRecord {
            schema: AUDIT_SCHEMA,
            at: self.at.to_string(),
            tenant: self.tenant,
            request: self.request,
            actor: self.actor.to_string(),
            role: self.actor.role().map(crate::MemberRole::as_str),
            via,
            reason,
            action: self.action,
            target: self.target.as_ref().map(ToString::to_string),
            allowed: self.decision.allowed,
            rule: self.decision.rule.as_str(),
            policy: self.decision.version,
        }
    }
}
