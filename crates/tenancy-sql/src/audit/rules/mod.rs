//! One rule a file.

mod column;
mod database;
mod function;
mod key;
mod policy;
mod role;
mod table;

use super::{auditor, pooler, probe, rule::Rule, server};

/// Rules that are no question to the catalog.
const LIVE: &[Rule] = &[
    server::RULE,
    pooler::MODE,
    pooler::PRESENT,
    auditor::NOTHING_FENCED,
];

/// Every rule, in the order in which findings are told.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    catalog().chain(LIVE).chain(probe::ALL)
}

/// Those that are questions to the catalog.
pub(super) fn catalog() -> impl Iterator<Item = &'static Rule> {
    [
        role::ALL,
        table::ALL,
        column::ALL,
        policy::ALL,
        key::ALL,
        function::ALL,
        database::ALL,
    ]
    .into_iter()
    .flatten()
}
