//! The column that says whose row it is.

mod tenant_default;
mod tenant_movable;
mod tenant_nullable;
mod tenant_type;

use crate::audit::rule::Rule;

pub(super) const ALL: &[Rule] = &[
    tenant_nullable::RULE,
    tenant_type::RULE,
    tenant_default::RULE,
    tenant_movable::RULE,
];
