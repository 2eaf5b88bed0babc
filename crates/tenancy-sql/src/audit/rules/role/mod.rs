//! What the role is and may do.

mod activity_visible;
mod role_creates;
mod role_memberships;
mod role_owns;
mod role_powers;
mod role_row_security;
mod role_search_path;
mod role_temporary;
mod role_tenant;
mod server_functions;

use crate::audit::rule::Rule;

pub(super) const ALL: &[Rule] = &[
    role_powers::RULE,
    role_memberships::RULE,
    role_owns::RULE,
    role_creates::RULE,
    role_temporary::RULE,
    role_tenant::RULE,
    role_search_path::RULE,
    role_row_security::RULE,
    server_functions::RULE,
    activity_visible::RULE,
];
