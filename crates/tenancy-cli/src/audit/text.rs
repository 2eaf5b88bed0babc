//! For people.

use std::fmt::Write;

use tenancy_sql::audit::{Rule, Severity, rules};

use super::outcome::{Line, Outcome};

/// Rule by rule, the worst first: what, why, where it is written, and for each object what mends it.
pub(super) fn tell(outcome: &Outcome) -> String {
    let mut text = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let mut shown: Vec<&str> = Vec::new();
        for line in outcome
            .lines
            .iter()
            .filter(|line| line.waived.is_none() && line.severity == severity)
        {
            if !shown.contains(&line.rule.as_str()) {
                shown.push(&line.rule);
                group(&mut text, outcome, line);
            }
        }
    }
    tail(&mut text, outcome);
    text
}

// The formatter of a String does not fail.

fn group(text: &mut String, outcome: &Outcome, first: &Line) {
    let rule: Option<&Rule> = rules().find(|rule| rule.id() == first.rule);
    let title = rule.map_or("a waiver that bears nothing", Rule::title);
    let _ = writeln!(text, "{}: [{}] {title}", first.severity, first.rule);
    if let Some(rule) = rule {
        let _ = writeln!(text, "  {}\n  see {}", rule.why(), rule.reference());
    }
    let same =
        |line: &&Line| line.waived.is_none() && line.rule == first.rule && line.severity == first.severity;
    for line in outcome.lines.iter().filter(same) {
        let _ = writeln!(
            text,
            "  - {} {}\n      {}",
            line.object, line.problem, line.remedy
        );
    }
    text.push('\n');
}

fn tail(text: &mut String, outcome: &Outcome) {
    for line in outcome.lines.iter() {
        if let Some(reason) = &line.waived {
            let _ = writeln!(
                text,
                "waived: [{}] {} {}: {reason}",
                line.rule, line.object, line.problem
            );
        }
    }
    for unproven in &outcome.report.unproven {
        let _ = writeln!(text, "not proven: {unproven}");
    }
    let count = |severity| outcome.count(severity);
    let _ = write!(
        text,
        "{} errors, {} warnings, {} notes, {} waived: `{}` reaches {} tables and views, {} of them with the tenant's column",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note),
        outcome.waived(),
        outcome.report.role,
        outcome.report.relations,
        outcome.report.tenant_tables,
    );
}
