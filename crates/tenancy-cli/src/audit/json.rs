//! For scripts.

use serde_json::{Value, json};

use super::outcome::{Line, Outcome};

/// One object; names are added to it and none is taken away or changes its meaning.
pub(super) fn tell(outcome: &Outcome) -> String {
    let findings: Vec<Value> = outcome.lines.iter().map(finding).collect();
    let report = &outcome.report;
    let told = json!({
        "role": report.role,
        "relations": report.relations,
        "tenant_tables": report.tenant_tables,
        "findings": findings,
        "not_proven": report.unproven,
    });
    format!("{told:#}")
}

fn finding(line: &Line) -> Value {
    json!({
        "rule": line.rule,
        "severity": line.severity.as_str(),
        "object": line.object,
        "problem": line.problem,
        "remedy": line.remedy,
        "waived": line.waived,
    })
}
