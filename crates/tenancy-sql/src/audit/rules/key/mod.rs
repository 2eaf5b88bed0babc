//! Keys, references and indexes.

mod index_leaky;
mod index_tenant_first;
mod references_unindexed;
mod sequence_volume;
mod table_keys;
mod table_references;

use crate::audit::rule::Rule;

pub(super) const ALL: &[Rule] = &[
    table_keys::RULE,
    table_references::RULE,
    references_unindexed::RULE,
    index_tenant_first::RULE,
    index_leaky::RULE,
    sequence_volume::RULE,
];
