//! Keys and indexes that begin with the tenant, built beside those that do not, and what takes the old ones away.

use super::{
    super::{
        catalog::{Index, Table},
        quote::{ident, twin, within_tenant},
    },
    draft::Draft,
    step::{Lock, Phase},
};

/// Beside its old one.
const BESIDE: &str = "_tenant";
/// On a partition, for the constraint of its table: an index that is a part of another can't become one.
const OF_KEY: &str = "_tenant_key";

const WHY: &str = "within the tenant, and the tenant first: the fence reads along it, and it tells no tenant what others have";

/// Builds the twins of a table's indexes, and an index for one that has none.
pub(super) fn build(draft: &mut Draft<'_>, table: &Table) {
    for leaf in draft.catalog.leaves(table) {
        first(draft, leaf);
    }
    for node in draft.catalog.nodes(table) {
        for index in draft.indexes(node) {
            if !sound(draft, node, index) {
                continue;
            }
            if node.partitioned() {
                build_parted(draft, node, index);
            } else {
                build_plain(draft, node, index, BESIDE);
            }
        }
    }
}

/// A table without keys is read along the tenant alone.
fn first(draft: &mut Draft<'_>, leaf: &Table) {
    let mut own = draft
        .catalog
        .indexes
        .iter()
        .filter(|it| it.table == leaf.oid && it.valid);
    // what knows no tenants has a twin soon
    let serves = |rest: &String| rest.starts_with("tenant_id") || !rest.contains("tenant_id");
    let served = own.any(|it| {
        it.method == "btree"
            && it
                .rest
                .as_ref()
                .is_some_and(|rest| serves(rest) && !rest.contains(" WHERE "))
    });
    if served {
        return;
    }
    let name = ident(&twin(&leaf.raw, "_tenant_id_idx"));
    let statements = vec![
        format!("DROP INDEX CONCURRENTLY IF EXISTS {}.{name}", leaf.schema),
        format!("CREATE INDEX CONCURRENTLY {name} ON {} (tenant_id)", leaf.name),
    ];
    draft.online(Phase::Validate, &leaf.name, WHY, statements, false);
}

/// Something of its definition keeps it from having a twin.
fn sound(draft: &mut Draft<'_>, node: &Table, index: &Index) -> bool {
    if !index.views.is_empty() {
        let views = index.views.join(", ");
        draft.problem(
            &index.name,
            format!("is a key that a view groups by ({views}), so that it can't be replaced"),
            "name the columns in its GROUP BY instead",
        );
        return false;
    }
    let Some(rest) = &index.rest else {
        draft.problem(
            &index.name,
            "has a definition that is not understood",
            "replace it by one that begins with tenant_id",
        );
        return false;
    };
    if node.partitioned() && index.constraint.is_some() && !rest.ends_with(')') {
        draft.problem(
            &index.name,
            "is a partitioned table's key with more than columns",
            "replace it by hand",
        );
        return false;
    }
    true
}

/// The index of `table` that is the twin of `index`.
fn found<'a>(draft: &Draft<'a>, table: i64, index: &Index, constraint: bool) -> Option<&'a Index> {
    let led = index.led();
    draft.catalog.indexes.iter().find(|it| {
        it.table == table
            && it.valid
            && it.unique == index.unique
            && it.rest == led
            && (!constraint || it.parent.is_none())
    })
}

fn build_plain(draft: &mut Draft<'_>, node: &Table, index: &Index, suffix: &str) {
    let done = found(draft, node.oid, index, suffix == OF_KEY).is_some();
    let name = twin(&index.raw, suffix);
    let taken = draft
        .catalog
        .indexes
        .iter()
        .any(|it| it.schema == index.schema && it.raw == name && it.valid && it.rest != index.led());
    if taken {
        draft.problem(
            &index.name,
            format!("would be replaced by `{name}`, which is another index"),
            "rename that one",
        );
    }
    let statements = vec![
        // what a killed one has left
        format!(
            "DROP INDEX CONCURRENTLY IF EXISTS {}.{}",
            index.schema,
            ident(&name)
        ),
        create("CONCURRENTLY ", index, &name, &node.name),
    ];
    draft.online(Phase::Validate, &index.name, WHY, statements, done);
}

fn create(how: &str, index: &Index, name: &str, table: &str) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let led = index.led().unwrap_or_default();
    format!(
        "CREATE {unique}INDEX {how}{} ON {table} USING {} ({led}",
        ident(name),
        index.method
    )
}

/// On a partitioned table nothing is built online: each partition's part is, and is then made a part.
fn build_parted(draft: &mut Draft<'_>, node: &Table, index: &Index) {
    if index.constraint.is_some() {
        for leaf in draft.catalog.leaves(node) {
            if let Some(part) = part(draft, leaf, index) {
                build_plain(draft, leaf, &part, OF_KEY);
            }
        }
        let mut references = draft.references().into_iter();
        if !references.any(|it| it.target == node.oid) {
            return;
        }
    }
    for leaf in draft.catalog.leaves(node) {
        if let Some(part) = part(draft, leaf, index) {
            build_plain(draft, leaf, &part, BESIDE);
        }
    }
    attach(draft, node, index);
}

/// The part of `index` on one of the partitions.
fn part(draft: &Draft<'_>, leaf: &Table, index: &Index) -> Option<Index> {
    let indexes = &draft.catalog.indexes;
    indexes
        .iter()
        .find(|it| {
            let mut at = it.parent;
            while let Some(parent) = at {
                if parent == index.oid {
                    return it.table == leaf.oid;
                }
                at = indexes
                    .iter()
                    .find(|up| up.oid == parent)
                    .and_then(|up| up.parent);
            }
            false
        })
        .cloned()
}

/// The whole of the parts, at each depth; the server calls it valid when the last one is in.
fn attach(draft: &mut Draft<'_>, node: &Table, index: &Index) {
    let done = found(draft, node.oid, index, false).is_some();
    let whole = |part: &Index| format!("{}.{}", part.schema, ident(&twin(&part.raw, BESIDE)));
    let mut statements = Vec::new();
    let mut parents: Vec<&Table> = draft.catalog.below(node.oid);
    parents.retain(|it| it.partitioned());
    parents.reverse();
    let mut wholes = vec![(node.oid, index.clone())];
    for parent in parents {
        if let Some(part) = part(draft, parent, index) {
            wholes.push((parent.oid, part));
        }
    }
    for (table, own) in &wholes {
        statements.push(format!("DROP INDEX IF EXISTS {}", whole(own)));
        let name = draft.catalog.name(*table);
        statements.push(create("", own, &twin(&own.raw, BESIDE), &format!("ONLY {name}")));
    }
    for (table, own) in wholes.iter().rev() {
        let below = draft.catalog.tables.iter().filter(|it| it.parent == Some(*table));
        for child in below {
            if let Some(part) = part(draft, child, index) {
                let (whole, part) = (whole(own), whole(&part));
                statements.push(format!("ALTER INDEX {whole} ATTACH PARTITION {part}"));
            }
        }
    }
    let lock = (Lock::Writers, vec![node.name.clone()]);
    draft.locked(Phase::Validate, &index.name, WHY, lock, statements, done);
}

/// The twins take the old ones' places.
pub(super) fn replace(draft: &mut Draft<'_>, table: &Table) {
    for node in draft.catalog.nodes(table) {
        let indexes = draft.indexes(node);
        let (keys, plain): (Vec<&Index>, Vec<&Index>) =
            indexes.into_iter().partition(|it| it.constraint.is_some());
        if !keys.is_empty() {
            let statements: Vec<String> = keys.iter().flat_map(|key| swap(draft, node, key)).collect();
            let lock = (Lock::Everybody, vec![node.name.clone()]);
            let why = "the keys that knew no tenants go, and those within the tenant take their names";
            draft.locked(Phase::Enforce, &node.name, why, lock, statements, false);
        }
        for index in plain {
            drop_plain(draft, node, index);
        }
    }
}

fn drop_plain(draft: &mut Draft<'_>, node: &Table, index: &Index) {
    let why = "its twin within the tenant has taken its place";
    let name = &index.name;
    if node.partitioned() {
        let lock = (Lock::Everybody, vec![node.name.clone()]);
        draft.locked(
            Phase::Enforce,
            name,
            why,
            lock,
            vec![format!("DROP INDEX {name}")],
            false,
        );
    } else {
        let statements = vec![format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")];
        draft.online(Phase::Enforce, name, why, statements, false);
    }
}

/// One transaction: a table is never without its key.
fn swap(draft: &Draft<'_>, node: &Table, key: &Index) -> Vec<String> {
    let kind = if key.primary { "PRIMARY KEY" } else { "UNIQUE" };
    let constraint = |index: &Index| ident(index.constraint.as_deref().unwrap_or(&index.raw));
    let mut statements = vec![format!(
        "ALTER TABLE {} DROP CONSTRAINT {}",
        node.name,
        constraint(key)
    )];
    let using = |table: &str, index: &Index, suffix: &str| {
        let (name, twin, timing) = (
            constraint(index),
            ident(&twin(&index.raw, suffix)),
            index.timing(),
        );
        format!("ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {twin}{timing}")
    };
    if !node.partitioned() {
        statements.push(using(&node.name, key, BESIDE));
        return statements;
    }
    let columns: Vec<String> = key.key.iter().flatten().cloned().collect();
    let columns = within_tenant(&columns);
    // partitions without partitions of their own come first
    for below in draft.catalog.below(node.oid) {
        let Some(part) = part(draft, below, key) else {
            continue;
        };
        statements.push(if below.partitioned() {
            format!(
                "ALTER TABLE {} ADD CONSTRAINT {} {kind} {columns}",
                below.name,
                constraint(&part)
            )
        } else {
            using(&below.name, &part, OF_KEY)
        });
    }
    let (name, timing) = (constraint(key), key.timing());
    statements.push(format!(
        "ALTER TABLE {} ADD CONSTRAINT {name} {kind} {columns}{timing}",
        node.name
    ));
    statements
}
