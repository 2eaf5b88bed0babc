//! What every row must satisfy, proven before it is demanded.

use super::{
    super::{
        catalog::Table,
        quote::{ident, twin},
        walk::Place,
    },
    draft::Draft,
    fill::{fills, required},
    key, reference,
    step::{How, Lock, Phase},
};

/// Stands for NOT NULL until that needs no look at the rows.
const PRESENT: &str = "tenancy_present";
const NIL: &str = "(tenant_id <> '00000000-0000-0000-0000-000000000000'::uuid)";

pub(super) fn steps(draft: &mut Draft<'_>) {
    for place in draft.places.clone() {
        if let Some(table) = draft.catalog.table(place.oid) {
            column(draft, &place, table);
        }
    }
    for table in draft.tables() {
        exclusions(draft, table);
        key::build(draft, table);
    }
    // the keys that they refer to are there now
    reference::build(draft);
}

fn column(draft: &mut Draft<'_>, place: &Place, table: &Table) {
    let name = &table.name;
    let whole = required(draft, table);
    draft.push(
        Phase::Validate,
        name,
        "no row is without a tenant",
        Lock::Rows,
        vec![format!(
            "SELECT count(*) FROM {name} WHERE tenant_id IS NULL -- must be 0"
        )],
        whole,
        How::Filled(fills(draft, place, table)),
    );
    let check = |definition: &str| {
        let mut checks = draft.catalog.checks.iter();
        checks.find(|it| it.table == table.oid && it.definition == definition)
    };
    let (nil, present) = (check(NIL), check("(tenant_id IS NOT NULL)"));
    let nil_name = nil.map_or_else(|| twin(&table.raw, "_tenant_id_check"), |it| it.raw.clone());
    let nil_name = ident(&nil_name);
    let mut added = Vec::new();
    if nil.is_none() {
        added.push(format!("ADD CONSTRAINT {nil_name} CHECK {NIL} NOT VALID"));
    }
    if !whole && present.is_none() {
        added.push(format!(
            "ADD CONSTRAINT {PRESENT} CHECK (tenant_id IS NOT NULL) NOT VALID"
        ));
    }
    let (proven, stands) = (
        nil.is_some_and(|it| it.valid) && (whole || present.is_some_and(|it| it.valid)),
        present.is_some_and(|it| it.raw == PRESENT),
    );
    let done = added.is_empty();
    let add = vec![format!("ALTER TABLE {name} {}", added.join(", "))];
    let lock = (Lock::Everybody, vec![name.clone()]);
    let why = "new rows have a tenant, and never the one that is none";
    draft.locked(Phase::Validate, name, why, lock.clone(), add, done);
    let mut validate = vec![format!("ALTER TABLE {name} VALIDATE CONSTRAINT {nil_name}")];
    if !whole {
        validate.push(format!("ALTER TABLE {name} VALIDATE CONSTRAINT {PRESENT}"));
    }
    draft.online(
        Phase::Validate,
        name,
        "the rows that were there before are checked",
        validate,
        proven,
    );
    let mut finish = vec![format!("ALTER TABLE {name} ALTER COLUMN tenant_id SET NOT NULL")];
    if !whole || stands {
        finish.push(format!("ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {PRESENT}"));
    }
    let why = "the check has proven it, so that the rows are not looked at again";
    draft.locked(Phase::Validate, name, why, lock, finish, whole && !stands);
}

/// They tell what others have as keys do, and can't be built beside the old ones.
fn exclusions(draft: &mut Draft<'_>, table: &Table) {
    for node in draft.catalog.nodes(table) {
        for index in &draft.catalog.indexes {
            let name = index.constraint.as_deref().unwrap_or(&index.raw);
            if index.table == node.oid
                && index.parent.is_none()
                && index.excludes
                && !index.knows_tenants()
                && !draft.keeps(node.oid, &index.raw)
            {
                draft.problem(
                    &node.name,
                    format!("has the exclusion constraint `{name}`, which tells a tenant what others have"),
                    "replace it by one WITH tenant_id WITH =, or keep it with a reason",
                );
            }
        }
    }
}
