//! One rule a file: what it refuses, and the safe way to the same end.

mod column;
mod constraint;
pub(super) mod contract;
mod fence;
mod index;
mod lock;
mod not_null;
mod opaque;
mod rewrite;
mod transaction;
mod unfenced;

use super::{
    cursor::Name,
    scope::{History, Scope},
    statement::Statement,
};

/// What is wrong with a statement.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) rule: &'static str,
    pub(super) problem: String,
    pub(super) remedy: String,
    /// The table that has no fence, when that is what is wrong.
    pub(super) unfenced: Option<Name>,
}

impl Problem {
    pub(super) fn new(rule: &'static str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            rule,
            problem: problem.into(),
            remedy: remedy.into(),
            unfenced: None,
        }
    }
}

type Rule = fn(&Statement, &Scope, &History) -> Vec<Problem>;

const RULES: [Rule; 11] = [
    unfenced::check,
    fence::check,
    not_null::check,
    column::check,
    constraint::check,
    index::check,
    rewrite::check,
    lock::check,
    contract::check,
    transaction::check,
    opaque::check,
];

/// Rules that a reason can waive. A weakened fence and a broken transaction can't be: no reason makes them safe.
pub(super) const WAIVABLE: [&str; 8] = [
    "table_unfenced",
    "set_not_null",
    "column_rewrites",
    "constraint_scans",
    "index_blocks",
    "table_rewrites",
    "table_locks",
    "opaque",
];

pub(super) fn ask(statement: &Statement, scope: &Scope, history: &History) -> Vec<Problem> {
    RULES
        .iter()
        .flat_map(|rule| rule(statement, scope, history))
        .collect()
}
