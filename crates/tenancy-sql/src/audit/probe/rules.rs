//! What the probes prove.

use crate::audit::{
    Finding,
    rule::{Level, Rule},
};

const fn rule(id: &'static str, title: &'static str, why: &'static str) -> Rule {
    Rule {
        id,
        level: Level::ERROR,
        title,
        why,
        reference: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
        sql: "",
        faults: &[],
    }
}

pub(super) const NO_TENANT: Rule = rule(
    "probe_no_tenant",
    "rows for a session without a tenant",
    "A scope that is forgotten must be an error or nothing, never somebody's rows.",
);
pub(super) const STRANGER: Rule = rule(
    "probe_stranger",
    "rows for a tenant that does not exist",
    "A new tenant sees what this one sees: it is not fenced by the tenant.",
);
pub(super) const FOREIGN: Rule = rule(
    "probe_foreign",
    "another tenant's rows",
    "Seen with the data that is there: as one tenant, a row of another was read.",
);
pub(super) const FORGED: Rule = rule(
    "probe_forged",
    "a row written for another tenant",
    "Tried and rolled back: as one tenant, a row of another was inserted, taken over or deleted.",
);

pub(in crate::audit) const ALL: &[Rule] = &[NO_TENANT, STRANGER, FOREIGN, FORGED];

pub(super) fn finding(rule: &Rule, relation: &str, role: &str, problem: String) -> Finding {
    Finding {
        rule: rule.id(),
        severity: rule.severity(),
        object: relation.to_owned(),
        problem,
        // whatever lets them through: what can't be reached shows nothing
        remedy: format!("REVOKE ALL ON {relation} FROM PUBLIC, {}", quoted(role)),
    }
}

/// A name, in quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
