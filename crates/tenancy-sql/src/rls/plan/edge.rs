//! Ways from table to table, along which rows find their tenant.

use std::collections::HashSet;

use super::{
    super::{
        TenantPath,
        catalog::Reference,
        walk::{Edge, Node, Pair},
    },
    draft::Draft,
};

/// Foreign keys between tenants' tables, and declared paths.
pub(super) fn edges(draft: &mut Draft<'_>, nodes: &[Node]) -> Vec<Edge> {
    let ours: HashSet<i64> = nodes.iter().map(|node| node.oid).collect();
    let mut edges = Vec::new();
    for reference in &draft.catalog.references {
        let between = ours.contains(&reference.table) && ours.contains(&reference.target);
        if !between || reference.inherited || reference.table == reference.target {
            continue;
        }
        // kept across tenants: it says nothing of whose row it is
        if !draft.keeps(reference.table, &reference.raw) {
            edges.push(checked(draft, reference));
        }
    }
    for path in &draft.declared.paths {
        match path.via {
            None => edges.extend(declared(draft, path)),
            Some(ref via) if !edges.iter().any(|edge| edge.declared && edge.name == *via) => {
                draft.problem(
                    &path.table,
                    format!("has no foreign key `{via}` to a tenant's table"),
                    "correct the path",
                );
            }
            Some(_) => {}
        }
    }
    edges
}

/// The way along a foreign key.
fn checked(draft: &Draft<'_>, reference: &Reference) -> Edge {
    let columns = reference.columns.iter().zip(&reference.operators);
    let pairs: Vec<Pair> = columns
        .zip(&reference.target_columns)
        .filter(|((child, _), _)| *child != "tenant_id")
        .map(|((child, operator), parent)| Pair {
            child: child.clone(),
            operator: operator.clone(),
            parent: parent.clone(),
        })
        .collect();
    let declared = draft.declared.paths.iter().any(|path| {
        draft.catalog.named.get(&path.table).copied().flatten() == Some(reference.table)
            && path.via.as_deref() == Some(&reference.raw)
    });
    Edge {
        child: reference.table,
        parent: reference.target,
        target: draft.catalog.name(reference.target).to_owned(),
        name: reference.raw.clone(),
        required: pairs
            .iter()
            .all(|pair| required(draft, reference.table, &pair.child)),
        pairs,
        checked: true,
        declared,
    }
}

fn required(draft: &Draft<'_>, table: i64, column: &str) -> bool {
    draft
        .catalog
        .columns_of(table)
        .any(|it| it.name == column && it.required)
}

/// A path that no foreign key names. The parent's columns must be a key: a row has one tenant.
fn declared(draft: &mut Draft<'_>, path: &TenantPath) -> Option<Edge> {
    let oid = |name: &str| draft.catalog.named.get(name).copied().flatten();
    let (child, parent) = (oid(&path.table)?, oid(path.parent.as_deref().unwrap_or_default()));
    let edge = parent.and_then(|parent| unchecked(draft, path, child, parent));
    if edge.is_none() {
        draft.problem(
            &path.table,
            "has a path that leads nowhere",
            "give `via`, or `columns`, `parent` and as many columns of a unique `key` of it",
        );
    }
    edge
}

/// The way along columns that nothing checks.
fn unchecked(draft: &Draft<'_>, path: &TenantPath, child: i64, parent: i64) -> Option<Edge> {
    let here = columns(draft, child, &path.columns)?;
    let there = columns(draft, parent, &path.key)?;
    if here.is_empty() || here.len() != there.len() || !is_key(draft, parent, &there) {
        return None;
    }
    let pair = |(child, parent): (&String, String)| Pair {
        child: child.clone(),
        operator: "OPERATOR(pg_catalog.=)".to_owned(),
        parent,
    };
    Some(Edge {
        child,
        parent,
        target: draft.catalog.name(parent).to_owned(),
        name: path.columns.join(", "),
        required: here.iter().all(|it| required(draft, child, it)),
        pairs: here.iter().zip(there).map(pair).collect(),
        checked: false,
        declared: true,
    })
}

/// The columns of a table, by their names as they are or quoted. None when one is none.
fn columns(draft: &Draft<'_>, table: i64, names: &[String]) -> Option<Vec<String>> {
    let column = |name: &String| {
        let mut columns = draft.catalog.columns_of(table);
        let found = columns.find(|it| it.raw == *name || it.name == *name);
        found.map(|it| it.name.clone())
    };
    names.iter().map(column).collect()
}

/// Whether these columns of a table, within a tenant, are in one row at most.
fn is_key(draft: &Draft<'_>, table: i64, columns: &[String]) -> bool {
    let key: HashSet<&String> = columns.iter().collect();
    draft.catalog.indexes.iter().any(|index| {
        let columns = index.key.iter().flatten().filter(|c| *c != "tenant_id");
        index.table == table
            && index.unique
            && index.key.iter().all(Option::is_some)
            && columns.collect::<HashSet<_>>() == key
    })
}
