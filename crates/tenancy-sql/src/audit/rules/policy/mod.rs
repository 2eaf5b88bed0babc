//! What the policies let through.

mod policy_behind_wall;
mod policy_check;
mod policy_commands;
mod policy_folded;
mod policy_initplan;
mod policy_missing;
mod policy_several;
mod policy_strict;
mod policy_true;
mod policy_volatile;
mod policy_wall;
mod policy_widens;

use crate::audit::rule::Rule;

pub(super) const ALL: &[Rule] = &[
    policy_missing::RULE,
    policy_commands::RULE,
    policy_true::RULE,
    policy_widens::RULE,
    policy_behind_wall::RULE,
    policy_check::RULE,
    policy_wall::RULE,
    policy_several::RULE,
    policy_volatile::RULE,
    policy_folded::RULE,
    policy_initplan::RULE,
    policy_strict::RULE,
];
