//! The findings, as a metric.

use super::{Report, Severity, rules};

/// Findings of the last audit over all databases, by rule and severity. Bounded: a rule has one severity or two.
const FINDINGS: &str = "tenancy_sql_audit_findings";

/// Sets the gauge of every rule, so that what was mended goes back to 0. A rule with an error shows as one.
pub(crate) fn record<'a>(reports: impl Iterator<Item = &'a Report> + Clone) {
    for rule in rules::all() {
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            if severity != rule.severity() && severity != rule.severity_in_ours() {
                continue;
            }
            let found = reports.clone().flat_map(|report| &report.findings);
            let count = found
                .filter(|f| f.rule == rule.id() && f.severity == severity)
                .count();
            let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
            metrics::gauge!(FINDINGS, "rule" => rule.id(), "severity" => severity.as_str()).set(count);
        }
    }
}
