//! Foreign keys within the tenant.

use super::{
    super::{
        catalog::{Action, Reference, Table},
        quote::{ident, twin, within_tenant},
        walk::Place,
    },
    draft::Draft,
    fill::fills,
    step::{Fill, How, Lock, Phase},
};

const BESIDE: &str = "_tenant";
const WHY: &str = "a row refers to rows of its own tenant and no others";

/// Adds the twins, unchecked, and checks them.
pub(super) fn build(draft: &mut Draft<'_>) {
    for reference in draft.references() {
        if !sound(draft, reference) {
            continue;
        }
        let (Some(table), Some(target)) = (
            draft.catalog.table(reference.table),
            draft.catalog.table(reference.target),
        ) else {
            continue;
        };
        let place = draft.places.iter().find(|place| place.oid == table.oid).cloned();
        let mends = place
            .map(|place: Place| fills(draft, &place, table))
            .unwrap_or_default();
        let parted = table.partitioned();
        for leaf in draft.catalog.leaves(table) {
            // what a partition has is checked when it becomes a part
            let mend = mends
                .iter()
                .filter(|fill| fill.table == leaf.name)
                .cloned()
                .collect();
            add(draft, leaf, target, reference, mend);
        }
        if parted {
            let done = twin_of(draft, table.oid, reference).is_some();
            let statements = vec![text(&table.name, &target.name, reference, "")];
            let locks = (Lock::Writers, draft.ends(table, target));
            draft.locked(Phase::Validate, &table.name, WHY, locks, statements, done);
        }
    }
}

fn twin_of<'a>(draft: &Draft<'a>, table: i64, reference: &Reference) -> Option<&'a Reference> {
    let mut all = draft.catalog.references.iter();
    all.find(|it| it.table == table && it.is_twin_of(reference))
}

fn sound(draft: &mut Draft<'_>, reference: &Reference) -> bool {
    let empties = matches!(reference.on_update(), Action::SetNull | Action::SetDefault);
    let whole = reference.full && reference.columns.len() > 1;
    if empties || whole {
        let what = if whole {
            "MATCH FULL"
        } else {
            "ON UPDATE SET NULL or SET DEFAULT"
        };
        draft.problem(
            draft.catalog.name(reference.table),
            format!(
                "has the reference `{}` with {what}, which has no form within a tenant",
                reference.raw
            ),
            "replace it by one without",
        );
    }
    !empties && !whole
}

fn add(draft: &mut Draft<'_>, leaf: &Table, target: &Table, reference: &Reference, mend: Vec<Fill>) {
    let twin = twin_of(draft, leaf.oid, reference);
    let (there, valid) = (twin.is_some(), twin.is_some_and(|it| it.valid));
    let statements = vec![text(&leaf.name, &target.name, reference, " NOT VALID")];
    let locks = draft.ends(leaf, target);
    draft.locked(
        Phase::Validate,
        &leaf.name,
        WHY,
        (Lock::Writers, locks),
        statements,
        there,
    );
    let name = ident(&name(reference));
    let validate = vec![format!("ALTER TABLE {} VALIDATE CONSTRAINT {name}", leaf.name)];
    let how = How::Checked(mend, crossing(&leaf.name, &target.name, reference));
    draft.push(
        Phase::Validate,
        &leaf.name,
        "the rows that were there before are checked",
        Lock::Shape,
        validate,
        valid,
        how,
    );
}

fn name(reference: &Reference) -> String {
    twin(&reference.raw, BESIDE)
}

fn text(table: &str, target: &str, reference: &Reference, unchecked: &str) -> String {
    let update = match reference.on_update() {
        Action::Cascade => " ON UPDATE CASCADE",
        Action::Restrict => " ON UPDATE RESTRICT",
        _ => "",
    };
    let emptied = if reference.delete_columns.is_empty() {
        &reference.columns
    } else {
        &reference.delete_columns
    };
    // never the tenant's column
    let emptied = emptied.join(", ");
    let delete = match reference.on_delete() {
        Action::Nothing => String::new(),
        Action::Cascade => " ON DELETE CASCADE".to_owned(),
        Action::Restrict => " ON DELETE RESTRICT".to_owned(),
        Action::SetNull => format!(" ON DELETE SET NULL ({emptied})"),
        Action::SetDefault => format!(" ON DELETE SET DEFAULT ({emptied})"),
    };
    let timing = match (reference.deferrable, reference.deferred) {
        (false, _) => "",
        (true, false) => " DEFERRABLE",
        (true, true) => " DEFERRABLE INITIALLY DEFERRED",
    };
    let (name, here, there) = (
        ident(&name(reference)),
        within_tenant(&reference.columns),
        within_tenant(&reference.target_columns),
    );
    format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {here} REFERENCES {target} {there}\
         {update}{delete}{timing}{unchecked}"
    )
}

/// Shows rows that refer to another tenant's.
fn crossing(table: &str, target: &str, reference: &Reference) -> String {
    let pairs = reference
        .columns
        .iter()
        .zip(&reference.operators)
        .zip(&reference.target_columns);
    let same: Vec<String> = pairs
        .map(|((here, operator), there)| format!("p.{there} {operator} c.{here}"))
        .collect();
    format!(
        "SELECT c.* FROM {table} c JOIN {target} p ON {} WHERE p.tenant_id IS DISTINCT FROM c.tenant_id",
        same.join(" AND ")
    )
}

/// The twins take the old ones' places.
pub(super) fn replace(draft: &mut Draft<'_>) {
    for reference in draft.references() {
        let (Some(table), Some(target)) = (
            draft.catalog.table(reference.table),
            draft.catalog.table(reference.target),
        ) else {
            continue;
        };
        let (old, new) = (ident(&reference.raw), ident(&name(reference)));
        let name = &table.name;
        let statements = vec![
            format!("ALTER TABLE {name} DROP CONSTRAINT {old}"),
            format!("ALTER TABLE {name} RENAME CONSTRAINT {new} TO {old}"),
        ];
        let why = "the reference that knew no tenants goes, and the one within the tenant takes its name";
        let locks = (Lock::Everybody, draft.ends(table, target));
        draft.locked(Phase::Enforce, name, why, locks, statements, false);
    }
}
