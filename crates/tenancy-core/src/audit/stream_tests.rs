//! The stream, before a writer that the test holds.

use std::{
    io,
    sync::{Arc, Condvar, Mutex},
};

use super::*;
use crate::{
    Actor, DataWrite, Permission, RequestId, Role, Target, TenantId, UserId, decide,
    permission::PermissionDef,
};

/// Writes into a text, as soon as the gate is open.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<State>, Condvar)>);

/// Whether it is open, and what was written.
type State = (bool, Vec<u8>);

impl Gate {
    fn open(&self) {
        self.0.0.lock().unwrap().0 = true;
        self.0.1.notify_all();
    }

    fn lines(&self) -> Vec<serde_json::Value> {
        let written = self.0.0.lock().unwrap().1.clone();
        let text = String::from_utf8(written).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.0.lock().unwrap();
        while !state.0 {
            state = self.0.1.wait(state).unwrap();
        }
        state.1.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn event(permission: &PermissionDef) -> AuditEvent {
    let actor = Actor::User {
        id: UserId::new(),
        subject: "ada".parse().unwrap(),
        role: Role::ReadOnly.into(),
        via: Some("search".parse().unwrap()),
    };
    AuditEvent {
        at: "2026-01-02T03:04:05Z".parse().unwrap(),
        tenant: TenantId::new(),
        decision: decide(&actor, permission),
        actor,
        request: RequestId::new(),
        action: permission.name(),
        target: Some(Target::new("itinerary", 7)),
    }
}

#[test]
fn an_event_is_a_line_of_the_documented_form() {
    let gate = Gate::default();
    gate.open();
    let event = event(&DataWrite::DEF);
    let stream = AuditStream::to(gate.clone(), 8).unwrap();
    stream.record(&event);
    drop(stream);
    let expect = serde_json::json!({
        "schema": "tenancy.audit/1", "at": "2026-01-02T03:04:05Z", "tenant": event.tenant, "request": event.request,
        "actor": event.actor.to_string(), "role": "readonly", "via": "search", "reason": null,
        "action": "tenant:data:write", "target": "itinerary/7", "allowed": false, "rule": "at_least_member",
        "policy": crate::POLICY_VERSION,
    });
    assert_eq!(gate.lines(), [expect]);
}

#[test]
fn who_records_never_waits_and_what_is_lost_is_told() {
    const SENT: usize = 100;
    let gate = Gate::default();
    let stream = AuditStream::to(gate.clone(), 4).unwrap();
    for _ in 0..SENT {
        stream.record(&event(&DataWrite::DEF));
    }
    let lost = stream.lost();
    assert!(
        lost >= (SENT - 5) as u64,
        "the queue has four places, and one is being written: {lost}"
    );
    gate.open();
    drop(stream);
    let lines = gate.lines();
    let told: u64 = lines.iter().filter_map(|line| line["lost"].as_u64()).sum();
    let written = lines.iter().filter(|line| line["action"].is_string()).count();
    assert_eq!((told, written), (lost, SENT - usize::try_from(lost).unwrap()));
}
