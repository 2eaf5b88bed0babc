//! The rest of the database.

mod audit_rights;
mod default_rights;
mod event_triggers;
mod extension_query;
mod extension_reach;
mod foreign_server;
mod large_objects;
mod publications;
mod sequence_rights;
mod statistics_objects;

use crate::audit::rule::Rule;

pub(super) const ALL: &[Rule] = &[
    extension_reach::RULE,
    extension_query::RULE,
    foreign_server::RULE,
    publications::RULE,
    event_triggers::RULE,
    large_objects::RULE,
    statistics_objects::RULE,
    default_rights::RULE,
    sequence_rights::RULE,
    audit_rights::RULE,
];
