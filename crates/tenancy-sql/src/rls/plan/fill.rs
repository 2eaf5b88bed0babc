//! The rows that were there before.

use super::{
    super::{
        catalog::Table,
        walk::{Edge, Place, Source},
    },
    draft::Draft,
    step::{Fill, How, Lock, Phase},
};

/// A UUIDv7 without a function of ours.
const NEW_ID: &str = "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing \
    substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid";

/// The tenant of `row`, NULL when there is none.
pub(super) fn expression(source: &Source, row: &str) -> String {
    match source {
        Source::Column(column) => format!("{row}.{column}"),
        Source::Generated => format!("COALESCE({row}.tenant_id, {NEW_ID})"),
        Source::Parents(edges) => {
            let all: Vec<String> = edges.iter().map(|edge| lookup(edge, row)).collect();
            format!("COALESCE({})", all.join(", "))
        }
    }
}

/// The tenant of the parent.
fn lookup(edge: &Edge, row: &str) -> String {
    let same: Vec<String> = edge
        .pairs
        .iter()
        .map(|pair| format!("p.{} {} {row}.{}", pair.parent, pair.operator, pair.child))
        .collect();
    format!(
        "(SELECT p.tenant_id FROM {} p WHERE {})",
        edge.target,
        same.join(" AND ")
    )
}

pub(super) fn steps(draft: &mut Draft<'_>) {
    for place in draft.places.clone() {
        let Some(table) = draft.catalog.table(place.oid) else {
            continue;
        };
        let done = required(draft, table);
        if !done {
            readable(draft, &place, table);
        }
        for fill in fills(draft, &place, table) {
            let statement = format!(
                "UPDATE ONLY {0} c SET tenant_id = {1} WHERE c.tenant_id IS NULL -- apply does it in batches",
                fill.table, fill.from
            );
            let name = fill.table.clone();
            let why = "the rows that were there before get their tenant from what they belong to";
            draft.push(
                Phase::Backfill,
                &name,
                why,
                Lock::Rows,
                vec![statement],
                done,
                How::Fill(fill),
            );
        }
    }
}

/// No row of it can be without a tenant.
pub(super) fn required(draft: &Draft<'_>, table: &Table) -> bool {
    let mut columns = draft.catalog.columns_of(table.oid);
    columns.any(|it| it.raw == "tenant_id" && it.required)
}

/// The batches of a table: one for each partition.
pub(super) fn fills(draft: &Draft<'_>, place: &Place, table: &Table) -> Vec<Fill> {
    let leaves = draft.catalog.leaves(table).into_iter();
    leaves
        .map(|leaf| Fill {
            table: leaf.name.clone(),
            from: expression(&place.source, "c"),
            quiet: draft.catalog.facts.replica,
        })
        .collect()
}

/// A parent behind its fence shows no rows to the backfill.
fn readable(draft: &mut Draft<'_>, place: &Place, table: &Table) {
    let Source::Parents(edges) = &place.source else {
        return;
    };
    let catalog = draft.catalog;
    let forced = edges
        .iter()
        .any(|edge| catalog.table(edge.parent).is_some_and(|it| it.forced));
    if forced && !catalog.facts.bypasses {
        draft.problem(
            &table.name,
            "gets its tenant from a table that is fenced already, for its owner too",
            "apply as a role with BYPASSRLS",
        );
    }
}
