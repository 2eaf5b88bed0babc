//! Records of what users did and were denied.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{Actor, Decision, RequestId, TenantId};

/// One decision about one action: who, what, on what, whether, by which rule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditEvent {
    /// When it was decided.
    pub at: Timestamp,
    /// The tenant.
    pub tenant: TenantId,
    /// Who acts.
    pub actor: Actor,
    /// The request it belongs to.
    pub request: RequestId,
    /// The permission that was asked for.
    pub action: &'static str,
    /// What it was asked for, as the application names it: `itinerary/0199…`. Ids only.
    pub target: Option<Arc<str>>,
    /// The decision and its rule.
    pub decision: Decision,
}

/// Takes records of decisions. It is asked on the request's path, so it does not wait: a sink that writes elsewhere queues
/// within a bound and says what it lost.
pub trait AuditSink: Send + Sync + 'static {
    /// Takes one record.
    fn record(&self, event: &AuditEvent);
}
