//! What must be seen. Pure.

use super::{Outcome, Setting, Verb, relation::Relation, seeds::Seeds};

/// The role has no right, or a policy refuses the row.
const DENIED: &str = "42501";
/// Nobody copies into a fenced table.
const NOT_SUPPORTED: &str = "0A000";
/// The setting was never made.
const UNDEFINED: &str = "42704";
/// The empty setting is no UUID.
const NO_UUID: &str = "22P02";
/// Another table refers to the row: it was reached, and would be gone.
const REFERRED_TO: [&str; 2] = ["23503", "23001"];

/// The outcomes, each of which is right.
pub(super) fn outcomes(verb: Verb, setting: Setting, relation: &Relation, seeds: &Seeds) -> Vec<Outcome> {
    let rows = |own, others| vec![Outcome::Rows { own, others }];
    let refused = |code| vec![Outcome::refused(code)];
    if verb == Verb::Truncate || !relation.allows(verb) {
        return refused(DENIED);
    }
    if verb == Verb::CopyFrom {
        return refused(NOT_SUPPORTED);
    }
    match (setting, verb) {
        (Setting::None, _) => refused(UNDEFINED),
        (Setting::Empty, _) => refused(NO_UUID),
        (Setting::Own, Verb::Insert | Verb::Upsert) => rows(1, 0),
        (Setting::Own, Verb::Reassign) => refused(DENIED),
        (Setting::Own, Verb::Delete) => rows(seeds.own, 0)
            .into_iter()
            .chain(REFERRED_TO.map(Outcome::refused))
            .collect(),
        (Setting::Own, _) => rows(seeds.own, 0),
        (Setting::Other, Verb::Insert | Verb::Upsert) => refused(DENIED),
        (Setting::Other, Verb::Delete) => rows(0, 0),
        (Setting::Other, _) => rows(0, seeds.other),
    }
}
