//! SARIF 2.1.0, the form in which scanners hand findings on: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>.

use serde_json::{Value, json};
use tenancy_sql::audit::{Rule, rules};

use super::{
    outcome::{Line, Outcome},
    waivers::{EXPIRED, UNKNOWN, UNUSED},
};

/// One run, with every rule, so that a rule that found nothing is known to have been asked.
pub(super) fn tell(outcome: &Outcome) -> String {
    let results: Vec<Value> = outcome.lines.iter().map(result).collect();
    let rules: Vec<Value> = rules()
        .map(rule)
        .chain([UNKNOWN, EXPIRED, UNUSED].map(waiver_rule))
        .collect();
    let notifications: Vec<Value> = outcome
        .report
        .unproven
        .iter()
        .map(|text| notification(text))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tenancy audit",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    format!("{log:#}")
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id(),
        "shortDescription": { "text": rule.title() },
        "fullDescription": { "text": rule.why() },
        "help": { "text": format!("{} See {}.", rule.why(), rule.reference()) },
        "defaultConfiguration": { "level": rule.severity().as_str() },
    })
}

fn waiver_rule(id: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": "a waiver that bears nothing" },
        "help": { "text": "Take the waiver out of the file, or mend it there." },
    })
}

fn notification(text: &str) -> Value {
    json!({ "level": "note", "message": { "text": text } })
}

fn result(line: &Line) -> Value {
    let mut result = json!({
        "ruleId": line.rule,
        "level": line.severity.as_str(),
        "message": { "text": format!("`{}` {}. Mend it with: {}", line.object, line.problem, line.remedy) },
        "locations": [{ "logicalLocations": [{ "fullyQualifiedName": line.object, "kind": "object" }] }],
        // the same finding is known again in the next run
        "partialFingerprints": { "finding/v1": format!("{} {} {}", line.rule, line.object, line.problem) },
    });
    if let (Some(reason), Some(object)) = (&line.waived, result.as_object_mut()) {
        let suppression = json!([{ "kind": "external", "status": "accepted", "justification": reason }]);
        object.insert("suppressions".to_owned(), suppression);
    }
    result
}
