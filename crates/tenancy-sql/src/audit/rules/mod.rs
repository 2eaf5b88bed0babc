//! One rule a file.

mod audit_rights;
mod default_rights;
mod definer_functions;
mod role_creates;
mod role_memberships;
mod role_owns;
mod role_powers;
mod role_tenant;
mod sequence_rights;
mod table_keys;
mod table_policies;
mod table_references;
mod table_rights;
mod table_rules;
mod table_unfenced;
mod tenant_column;
mod tenant_function;

use super::rule::Rule;

pub(super) const ALL: [Rule; 17] = [
    role_powers::RULE,
    role_memberships::RULE,
    role_owns::RULE,
    role_creates::RULE,
    role_tenant::RULE,
    table_unfenced::RULE,
    table_policies::RULE,
    tenant_column::RULE,
    table_keys::RULE,
    table_references::RULE,
    table_rights::RULE,
    table_rules::RULE,
    sequence_rights::RULE,
    audit_rights::RULE,
    default_rights::RULE,
    definer_functions::RULE,
    tenant_function::RULE,
];
