//! Tables, and whose rows they hold.

use std::collections::BTreeMap;

use super::{
    super::{
        Root,
        catalog::{OtherKind, Table},
        walk::{Lost, Node, Source, walk},
    },
    draft::Draft,
    edge::edges,
};

/// The tables of migrators: theirs alone, and not to be declared.
const MIGRATORS: [&str; 2] = ["_sqlx_migrations", "tenancy_migrations"];

/// Fills in `places`, or says what is missing.
pub(super) fn place(draft: &mut Draft<'_>) {
    named(draft);
    server(draft);
    for table in &draft.catalog.tables {
        if MIGRATORS.contains(&table.raw.as_str()) {
            draft.skipped.insert(table.oid);
        }
    }
    let roots = roots(draft);
    let nodes: Vec<Node> = candidates(draft)
        .iter()
        .map(|table| Node {
            oid: table.oid,
            name: table.name.clone(),
        })
        .collect();
    let edges = edges(draft, &nodes);
    shapes(draft, &nodes);
    if !draft.problems.is_empty() {
        return;
    }
    match walk(&nodes, &edges, &roots) {
        Ok(places) => draft.places = places,
        Err(lost) => lost.into_iter().for_each(|lost| complain(draft, lost)),
    }
    crossings(draft);
}

/// Tables that are neither partitions nor declared as nobody's.
fn candidates<'a>(draft: &Draft<'a>) -> Vec<&'a Table> {
    let own = |table: &&Table| {
        !table.partition && !draft.globals.contains(&table.oid) && !draft.skipped.contains(&table.oid)
    };
    draft.catalog.tables.iter().filter(own).collect()
}

/// Each name must mean a table, and each reason say something.
fn named(draft: &mut Draft<'_>) {
    for name in draft.declared.tables() {
        let oid = draft.catalog.named.get(&name).copied().flatten();
        match oid.map(|oid| (oid, draft.catalog.table(oid))) {
            Some((_, Some(table))) if !table.partition => {}
            // what is skipped may be more than a table
            Some((oid, None)) if draft.skipped.contains(&oid) => {}
            Some((_, Some(_))) => draft.problem(name, "is a partition", "name its table"),
            _ => draft.problem(name, "is no table of the schema", "correct the declaration"),
        }
    }
    let declared = draft.declared;
    let reasoned = declared.globals.iter().chain(&declared.skipped);
    let reasons = reasoned.map(|it| (&it.table, &it.reason));
    for (name, reason) in reasons.chain(declared.kept.iter().map(|it| (&it.name, &it.reason))) {
        if reason.trim().is_empty() {
            draft.problem(name, "is declared without a reason", "write one");
        }
    }
}

fn server(draft: &mut Draft<'_>) {
    let facts = &draft.catalog.facts;
    if facts.version < 150_000 {
        draft.problem(
            "server",
            "is older than PostgreSQL 15",
            "views that read as their reader, and keys that empty one column, need 15",
        );
    }
    if draft.declared.roots.is_empty() {
        draft.problem(
            "declaration",
            "has no root",
            "name the table whose rows are tenants",
        );
    }
    role(draft);
}

/// The role that will serve is there, and can't pass or take away a fence.
fn role(draft: &mut Draft<'_>) {
    let facts = &draft.catalog.facts;
    if !facts.role_exists {
        let role = &draft.declared.role;
        let create = format!("CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE");
        draft.problem(role.as_str(), "is no role of this server", create);
    }
    if facts.role_bypasses {
        let role = &draft.declared.role;
        let remedy = format!("ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS, or declare another");
        draft.problem(role.as_str(), "sees past every fence", remedy);
    }
    if let Some(owned) = &facts.role_owns {
        draft.problem(
            draft.declared.role.as_str(),
            format!("owns `{owned}`, or may act as its owner, and can take its fence away"),
            "declare a role that owns nothing: the application goes on as the owner until `admit`",
        );
    }
}

fn roots(draft: &mut Draft<'_>) -> BTreeMap<i64, Source> {
    let mut roots = BTreeMap::new();
    for root in &draft.declared.roots {
        let Some(oid) = draft.catalog.named.get(&root.table).copied().flatten() else {
            continue;
        };
        match source(draft, oid, root) {
            Some(source) => {
                roots.insert(oid, source);
            }
            None => draft.problem(
                &root.table,
                "has no column of type uuid that is the tenant",
                "name it with `tenant = \"…\"`, or have one made with `generate = true`",
            ),
        }
    }
    roots
}

fn source(draft: &Draft<'_>, oid: i64, root: &Root) -> Option<Source> {
    if root.generate {
        return Some(Source::Generated);
    }
    let is_uuid = |name: &str| {
        draft
            .catalog
            .columns_of(oid)
            .find(|column| (column.raw == name || column.name == name) && column.kind == "uuid")
    };
    if let Some(tenant) = &root.tenant {
        return is_uuid(tenant).map(|column| Source::Column(column.name.clone()));
    }
    let mut keys = draft.catalog.indexes.iter();
    let key = keys.find(|index| index.table == oid && index.primary)?;
    // once it is fenced, the tenant stands before it
    let columns: Vec<&String> = key.key.iter().flatten().filter(|c| *c != "tenant_id").collect();
    match columns.as_slice() {
        [one] => is_uuid(one).map(|column| Source::Column(column.name.clone())),
        _ => None,
    }
}

/// What no fence of ours fits.
fn shapes(draft: &mut Draft<'_>, nodes: &[Node]) {
    for node in nodes {
        let heir = draft
            .catalog
            .table(node.oid)
            .is_some_and(|it| it.parent.is_some());
        if heir {
            draft.problem(
                &node.name,
                "inherits from a table without being its partition",
                "make it a partition or a table of its own, or skip it with a reason",
            );
        }
        let other = draft
            .catalog
            .columns_of(node.oid)
            .find(|it| it.raw == "tenant_id" && it.kind != "uuid");
        if let Some(column) = other {
            draft.problem(
                &node.name,
                format!("has a `tenant_id` of type {}", column.kind),
                "rename it, and declare the root's column of type uuid",
            );
        }
    }
    foreign(draft);
}

fn foreign(draft: &mut Draft<'_>) {
    for other in &draft.catalog.others {
        if other.kind() == OtherKind::Foreign && !draft.skipped.contains(&other.oid) {
            draft.problem(
                &other.name,
                "is a foreign table, which no policy can fence",
                "skip it with a reason: the role then can't reach it",
            );
        }
    }
}

/// References that the fence can't go along with.
fn crossings(draft: &mut Draft<'_>) {
    for reference in &draft.catalog.references {
        if reference.inherited || !draft.is_tenants(reference.target) {
            continue;
        }
        let from = draft.catalog.name(reference.table);
        let to = draft.catalog.name(reference.target);
        if !draft.is_tenants(reference.table) {
            let problem = format!("is no tenant's, and `{}` makes it refer to `{to}`", reference.raw);
            draft.problem(
                from,
                problem,
                "drop that reference, or let the table be a tenant's",
            );
        }
    }
}

fn complain(draft: &mut Draft<'_>, lost: Lost) {
    match lost {
        Lost::Unreached { table } => draft.problem(
            table,
            "is not reached from a root along foreign keys",
            "declare a path, or that it is global, or skip it, with a reason",
        ),
        Lost::Ambiguous {
            table,
            ways: [one, other],
        } => draft.problem(
            table,
            format!("leads to different roots: {one}, and {other}"),
            "declare the path that says whose row it is, and keep the other reference with a reason",
        ),
    }
}
