//! Where events go.

use super::AuditEvent;
use crate::telemetry::AUDIT_TARGET;

/// Takes records of decisions. It is asked on the request's path, so it does not wait: a sink that writes elsewhere queues
/// within a bound and says what it lost.
pub trait AuditSink: Send + Sync + 'static {
    /// Takes one record.
    fn record(&self, event: &AuditEvent);
}

/// Writes events to the log, under the target `tenancy::audit`, with the fields of an [`AuditRecord`](super::AuditRecord).
/// As fast as the subscriber is; where that may wait, use an [`AuditStream`](super::AuditStream).
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingAudit;

impl AuditSink for TracingAudit {
    fn record(&self, event: &AuditEvent) {
        let record = event.record();
        tracing::info!(
            target: AUDIT_TARGET,
            schema = record.schema,
            at = record.at,
            tenant = %record.tenant,
            request = %record.request,
            actor = record.actor,
            role = record.role,
            via = record.via,
            reason = record.reason,
            action = record.action,
            audit.target = record.target,
            allowed = record.allowed,
            rule = record.rule,
            policy = record.policy,
            "decided"
        );
    }
}
