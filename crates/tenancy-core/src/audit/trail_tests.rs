//! Trails of permits that the real check made.

use std::sync::{Arc, Mutex};

use super::MOST;
use crate::{
    Actor, AuditEvent, AuditSink, DataWrite, Permit, PlanBook, RequestId, Role, TenantContext, TenantRecord,
    Tier, UserId,
};

fn permit(tier: Tier) -> Permit<DataWrite> {
    permit_of(tier, Role::Admin, None)
}

fn permit_of(tier: Tier, role: Role, sink: Option<Arc<dyn AuditSink>>) -> Permit<DataWrite> {
    let record = serde_json::json!({
        "id": crate::TenantId::new(), "slug": "acme", "name": "Acme", "tier": tier, "status": "active",
        "identity_tenant": "acme-x1y2z", "placement": { "epoch": 0 },
    });
    let record: TenantRecord = serde_json::from_value(record).unwrap();
    let actor = Actor::User {
        id: UserId::new(),
        subject: "ada".parse().unwrap(),
        role: role.into(),
        via: None,
    };
    let entitlement = PlanBook::default().entitlement(&record);
    let context = TenantContext::new(
        Arc::new(record),
        entitlement,
        actor,
        (RequestId::new(), None),
        sink,
    );
    Permit::check(&context).unwrap()
}

fn targets(permit: &Permit<DataWrite>) -> Vec<String> {
    let events = permit.trail().unwrap().begin().events();
    events.iter().map(line).collect()
}

fn line(event: &AuditEvent) -> String {
    let target = event.target.as_ref().map_or("-".to_owned(), ToString::to_string);
    format!("{target} {}", event.decision.rule)
}

/// Keeps what it is told.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl AuditSink for Told {
    fn record(&self, event: &AuditEvent) {
        self.0.lock().unwrap().push(line(event));
    }
}

#[test]
fn a_denial_is_told_and_leaves_no_trail() {
    let told = Arc::new(Told::default());
    let permit = permit_of(Tier::Enterprise, Role::Member, Some(Arc::clone(&told) as _));
    let one = permit.target("note", 1).clone();
    one.on(permit.user_id().unwrap()).unwrap();
    one.on(UserId::new()).unwrap_err();
    let expect = [
        "- at_least_member",
        "note/1 at_least_member",
        "note/1 own_data",
        "note/1 others_data",
    ];
    assert_eq!(*told.0.lock().unwrap(), expect);
    assert_eq!(targets(&permit), ["note/1 own_data"]);
}

#[test]
fn each_target_is_written_once_with_the_rule_that_decided_last() {
    let permit = permit(Tier::Enterprise);
    assert_eq!(targets(&permit), ["- at_least_member"]);
    let own = permit.user_id().unwrap();
    let one = permit.target("note", 1);
    assert_eq!(targets(&permit), ["note/1 at_least_member"]);
    one.on(own).unwrap();
    permit.target("note", 2).on(UserId::new()).unwrap();
    assert_eq!(targets(&permit), ["note/1 own_data", "note/2 all_data"]);
}

#[test]
fn what_is_rolled_back_is_forgotten_and_what_is_committed_is_not_written_again() {
    let permit = permit(Tier::Enterprise);
    permit.target("note", 1);
    let mut recording = permit.trail().unwrap().begin();
    permit.target("note", 2);
    assert_eq!(recording.events().len(), 2);
    drop(recording);
    assert_eq!(targets(&permit), ["note/1 at_least_member"]);
    let mut recording = permit.trail().unwrap().begin();
    assert_eq!(recording.events().len(), 1);
    recording.committed();
    assert_eq!(targets(&permit), ["- at_least_member"]);
}

#[test]
fn a_trail_is_bounded_and_says_what_it_left_out() {
    let permit = permit(Tier::Enterprise);
    for id in 0..MOST + 7 {
        permit.target("note", id);
    }
    let targets = targets(&permit);
    assert_eq!(targets.len(), MOST + 1);
    assert_eq!(targets[MOST], "more/7 at_least_member");
}

#[test]
fn a_plan_without_the_audit_log_leaves_no_trail() {
    let permit = permit(Tier::Standard).target("note", 1);
    assert!(permit.trail().is_none());
}

/// Two transactions at a time under one permit: what the one forgets, or has written, is not the other's.
#[test]
fn a_transaction_that_ends_leaves_the_others_what_was_noted_for_them() {
    let two = || {
        let permit = permit(Tier::Enterprise);
        let begin = || permit.trail().unwrap().begin();
        let (one, other) = (begin(), begin());
        permit.target("note", 1);
        (permit, one, other)
    };
    let (permit, mut one, other) = two();
    drop(other);
    assert_eq!(one.events().len(), 1);
    assert_eq!(targets(&permit), ["note/1 at_least_member"]);
    let (permit, mut one, other) = two();
    assert_eq!(one.events().len(), 1);
    // while the message that commits it is under way
    permit.target("note", 2);
    one.committed();
    assert_eq!(targets(&permit), ["note/2 at_least_member"]);
    drop(other);
}
