//! An operator's reach is told of, whatever the tenant bought.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    Actor, AuditEvent, AuditSink, Decision, OperatorAccess, POLICY_VERSION, RequestId, Rule, TenantId,
    telemetry::OPERATOR_TARGET,
};

/// What the record of an operator's coming calls the action.
const ENTER: &str = "operator:enter";

/// Writes what an operator does to the log, with the reason, and hands it on to the deployment's sink when there is one.
pub(crate) struct OperatorLog {
    sink: Option<Arc<dyn AuditSink>>,
}

impl OperatorLog {
    /// A sink for a context whose actor is an operator; records that the operator came.
    pub(crate) fn open(
        sink: Option<Arc<dyn AuditSink>>,
        tenant: TenantId,
        actor: &Actor,
        access: OperatorAccess,
        request: RequestId,
    ) -> Arc<dyn AuditSink> {
        let log = Self { sink };
        log.record(&AuditEvent {
            at: Timestamp::now(),
            tenant,
            actor: actor.clone(),
            request,
            action: ENTER,
            target: None,
            decision: Decision {
                allowed: true,
                rule: Rule::OperatorGrant(access),
                version: POLICY_VERSION,
            },
        });
        Arc::new(log)
    }
}

impl AuditSink for OperatorLog {
    fn record(&self, event: &AuditEvent) {
        if let Actor::Operator {
            name,
            reason,
            access,
            expires_at,
        } = &event.actor
        {
            tracing::warn!(
                target: OPERATOR_TARGET,
                operator = %name,
                tenant.id = %event.tenant,
                request.id = %event.request,
                %reason,
                ?access,
                until = %expires_at,
                action = event.action,
                target = event.target.as_ref().map(tracing::field::display),
                allowed = event.decision.allowed,
                "an operator of the platform acts within the tenant"
            );
        }
        if let Some(sink) = &self.sink {
            sink.record(event);
        }
    }
}
