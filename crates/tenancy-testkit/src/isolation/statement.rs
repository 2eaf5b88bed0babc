//! The statements. Names and literals in them were quoted by the server, ids are UUIDs.

use tenancy_core::TenantId;

use super::{Verb, relation::Relation, seeds::SeedRow};

/// The statement of a verb. `own` is the tenant it is about, `other` the one that must not come by its rows.
pub(super) fn of(
    verb: Verb,
    relation: &Relation,
    row: &SeedRow,
    (own, other): (TenantId, TenantId),
) -> String {
    let name = &relation.name;
    match verb {
        Verb::Select => format!("SELECT tenant_id FROM {name}"),
        Verb::Insert => insert(relation, row),
        Verb::Update => format!("UPDATE {name} SET tenant_id = tenant_id RETURNING tenant_id"),
        // without RETURNING, which would check the new row by the rows that can be seen as well
        Verb::Reassign => format!("UPDATE {name} SET tenant_id = '{other}'"),
        // with a condition: without one, foreign keys would refuse the own rows of either tenant
        Verb::Delete => format!("DELETE FROM {name} WHERE tenant_id = '{own}' RETURNING tenant_id"),
        Verb::Upsert => format!("{} {}", insert(relation, row), conflict(relation)),
        Verb::Truncate => format!("TRUNCATE {name} CASCADE"),
        Verb::CopyTable => format!("COPY {name} (tenant_id) TO STDOUT"),
        Verb::CopyQuery => format!("COPY (SELECT tenant_id FROM {name}) TO STDOUT"),
        Verb::CopyFrom => format!("COPY {name} ({}) FROM STDIN", relation.columns.join(", ")),
    }
}

/// Inserts the seed row as it was.
pub(super) fn insert(relation: &Relation, row: &SeedRow) -> String {
    let columns = relation.columns.join(", ");
    format!(
        "INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM (SELECT ({literal}::{name}).*) AS seed",
        name = relation.name,
        literal = row.literal,
    )
}

fn conflict(relation: &Relation) -> String {
    match relation.key.as_slice() {
        [] => "ON CONFLICT DO NOTHING".to_owned(),
        key => format!(
            "ON CONFLICT ({}) DO UPDATE SET tenant_id = excluded.tenant_id",
            key.join(", ")
        ),
    }
}
