//! Writes down what a permit was used for, in the message that commits it.

use std::fmt::Write;

use sqlx::AssertSqlSafe;
use tenancy_core::{AuditEvent, AuditRecord, Error, Result};

/// The tenant is the permit's own: should the transaction's be another, the fence refuses the row and nothing is committed.
const INSERT: &str = "INSERT INTO tenancy.audit_log \
     (tenant_id, at, request, actor, role, via, reason, action, target, allowed, rule, policy) \
     SELECT r.tenant, r.at, r.request, r.actor, r.role, r.via, r.reason, r.action, r.target, r.allowed, r.rule, r.policy \
     FROM pg_catalog.jsonb_to_recordset(pg_catalog.convert_from(pg_catalog.decode('";
const COMMIT: &str = "', 'hex'), 'UTF8')::pg_catalog.jsonb) AS r \
     (tenant pg_catalog.uuid, at pg_catalog.timestamptz, request pg_catalog.uuid, actor pg_catalog.text, \
      role pg_catalog.text, via pg_catalog.text, reason pg_catalog.text, action pg_catalog.text, \
      target pg_catalog.text, allowed pg_catalog.bool, rule pg_catalog.text, policy pg_catalog.int8); COMMIT";

/// One message: the records, and the end of the transaction. No round trip more than a COMMIT, and some two kilobytes a
/// record. Values are hexadecimal digits, so that nothing is ever quoted.
///
/// Without any it is the COMMIT alone. `then`: what is asked in the same message, after it.
pub(crate) fn commit(
    events: Option<Vec<AuditEvent>>,
    then: Option<&'static str>,
) -> Result<AssertSqlSafe<String>> {
    let mut text = match events {
        None => "COMMIT".to_owned(),
        Some(events) => recorded(&events)?,
    };
    if let Some(then) = then {
        text.push_str("; ");
        text.push_str(then);
    }
    Ok(AssertSqlSafe(text))
}

fn recorded(events: &[AuditEvent]) -> Result<String> {
    let records: Vec<AuditRecord<'_>> = events.iter().map(AuditEvent::record).collect();
    let json = serde_json::to_vec(&records)
        .map_err(|error| Error::internal("an audit record can't be written down").with_source(error))?;
    let mut text = String::with_capacity(INSERT.len() + COMMIT.len() + 2 * json.len());
    text.push_str(INSERT);
    for byte in json {
        // the formatter of a String does not fail
        let _ = write!(text, "{byte:02x}");
    }
    text.push_str(COMMIT);
    Ok(text)
}
