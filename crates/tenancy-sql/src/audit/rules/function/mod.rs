//! Functions that run with other rights, or that policies call.

mod definer_functions;
mod definer_search_path;
mod definer_triggers;
mod function_untrusted;
mod policy_search_path;
mod tenant_function;
mod trigger_owner;

use crate::audit::rule::Rule;

pub(super) const ALL: &[Rule] = &[
    definer_functions::RULE,
    definer_triggers::RULE,
    trigger_owner::RULE,
    definer_search_path::RULE,
    policy_search_path::RULE,
    function_untrusted::RULE,
    tenant_function::RULE,
];
