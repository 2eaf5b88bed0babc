//! Tables, views and the like that the role reaches.

mod child_unfenced;
mod column_rights;
mod foreign_table;
mod global_writable;
mod policy_rls_off;
mod sensitive_columns;
mod table_fenced_otherwise;
mod table_keyless;
mod table_no_tenant;
mod table_not_forced;
mod table_rights;
mod table_rls_off;
mod table_rules;
mod view_invoker;
mod view_materialised;

use crate::audit::rule::Rule;

pub(super) const ALL: &[Rule] = &[
    table_rls_off::RULE,
    policy_rls_off::RULE,
    table_not_forced::RULE,
    table_no_tenant::RULE,
    table_fenced_otherwise::RULE,
    global_writable::RULE,
    table_rights::RULE,
    column_rights::RULE,
    table_rules::RULE,
    child_unfenced::RULE,
    view_invoker::RULE,
    view_materialised::RULE,
    foreign_table::RULE,
    table_keyless::RULE,
    sensitive_columns::RULE,
];
