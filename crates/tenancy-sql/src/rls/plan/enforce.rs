//! The fence holds for everybody, and what knew no tenants goes.

use super::{
    super::{
        catalog::{OtherKind, Rights, Table},
        fence::{ROWS, WALL},
        walk::{Place, Source},
    },
    admit::{BEFORE, NEVER},
    draft::Draft,
    fill::fills,
    key, prepare, reference,
    step::{Fill, How, Lock, Phase},
};

const STAYS: &str = "tenant_stays";

pub(super) fn steps(draft: &mut Draft<'_>) {
    let tables = draft.tables();
    for place in draft.places.clone() {
        follow(draft, &place);
    }
    for table in &tables {
        column(draft, table);
    }
    reference::replace(draft);
    for table in &tables {
        key::replace(draft, table);
    }
    for node in draft.nodes() {
        force(draft, node);
    }
    public(draft);
    database(draft);
}

/// A declared path is checked by no reference: its rows are looked at once more, now that nobody moves any.
fn follow(draft: &mut Draft<'_>, place: &Place) {
    let loose = matches!(&place.source, Source::Parents(edges) if edges.iter().any(|edge| !edge.checked));
    let Some(table) = draft.catalog.table(place.oid).filter(|_| loose) else {
        return;
    };
    let fills = fills(draft, place, table);
    let statement = |fill: &Fill| {
        let (name, from, astray) = (&fill.table, &fill.from, fill.astray());
        format!("UPDATE ONLY {name} c SET tenant_id = {from} WHERE {astray} -- apply does it in batches")
    };
    draft.push(
        Phase::Enforce,
        &table.name,
        "rows that no reference checks follow what they belong to",
        Lock::Rows,
        fills.iter().map(statement).collect(),
        table.defaulted(),
        How::Followed(fills),
    );
}

/// Who writes without a tenant is refused from here on.
fn column(draft: &mut Draft<'_>, table: &Table) {
    let name = &table.name;
    let mut triggers = draft.catalog.triggers.iter();
    let stays = triggers.any(|it| it.table == table.oid && it.raw == STAYS);
    let mut statements = vec![format!(
        "ALTER TABLE {name} ALTER COLUMN tenant_id SET DEFAULT tenancy.current_tenant()"
    )];
    statements.extend(prepare::undo(table));
    statements.push(format!("DROP TRIGGER IF EXISTS {STAYS} ON {name}"));
    statements.push(format!(
        "CREATE TRIGGER {STAYS} BEFORE UPDATE OF tenant_id ON {name} FOR EACH ROW \
         WHEN (OLD.tenant_id IS DISTINCT FROM NEW.tenant_id) EXECUTE FUNCTION tenancy.tenant_stays()"
    ));
    let lock = (Lock::Everybody, vec![name.clone()]);
    let why = "the database fills in the session's tenant, and a row stays with it";
    draft.locked(
        Phase::Enforce,
        name,
        why,
        lock,
        statements,
        table.defaulted() && stays,
    );
}

/// For its owner too, and for every role.
fn force(draft: &mut Draft<'_>, node: &Table) {
    let name = &node.name;
    let own = || draft.catalog.policies.iter().filter(|it| it.table == node.oid);
    let mut statements = Vec::new();
    for policy in [ROWS, WALL] {
        if !own().any(|it| it.raw == policy && it.public) {
            statements.push(format!("ALTER POLICY {policy} ON {name} TO PUBLIC"));
        }
    }
    if own().any(|it| it.raw == BEFORE) || !draft.declared.old_roles.is_empty() && !node.forced {
        statements.push(format!("DROP POLICY IF EXISTS {BEFORE} ON {name}"));
    }
    if !node.forced {
        statements.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
    }
    let done = node.forced && statements.is_empty();
    let lock = (Lock::Everybody, vec![format!("ONLY {name}")]);
    let why = "the fence holds for its owner too";
    draft.locked(Phase::Enforce, name, why, lock, statements, done);
}

/// What everybody had, the role had too.
fn public(draft: &mut Draft<'_>) {
    let tenants = draft
        .nodes()
        .into_iter()
        .map(|node| (&node.name, &node.rights, &NEVER[..], ""));
    let written = ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
    let globals = draft
        .catalog
        .tables
        .iter()
        .filter(|it| draft.globals.contains(&it.oid));
    let globals = globals.map(|it| (&it.name, &it.rights, &written[..], ""));
    let mut others = draft.catalog.others.iter();
    let sequences = others
        .by_ref()
        .filter(|it| it.kind() == OtherKind::Sequence)
        .map(|it| (&it.name, &it.rights, &["SELECT", "UPDATE"][..], "SEQUENCE "));
    let all: Vec<(&String, &Rights, &[&str], &str)> = tenants.chain(globals).chain(sequences).collect();
    for (name, rights, never, kind) in all {
        let excess: Vec<&str> = never
            .iter()
            .copied()
            .filter(|right| rights.public.iter().any(|it| it == right))
            .collect();
        let statements = vec![format!(
            "REVOKE {} ON {kind}{name} FROM PUBLIC",
            excess.join(", ")
        )];
        let why = "what everybody may, the role may too";
        if !excess.is_empty() {
            draft.locked(
                Phase::Enforce,
                name,
                why,
                (Lock::Nothing, vec![]),
                statements,
                false,
            );
        }
    }
}

/// What one tenant leaves behind can stand in for the real thing in the next one's session.
fn database(draft: &mut Draft<'_>) {
    let (facts, role) = (&draft.catalog.facts, &draft.declared.role);
    let mut statements = Vec::new();
    if facts.creates {
        let database = &facts.database;
        statements.push(format!(
            "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}"
        ));
    }
    for schema in &facts.open_schemas {
        statements.push(format!("REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}"));
    }
    let (done, name) = (statements.is_empty(), facts.database.clone());
    let why = "the role makes nothing that lasts, and nothing that shadows a table";
    draft.locked(
        Phase::Enforce,
        &name,
        why,
        (Lock::Nothing, vec![]),
        statements,
        done,
    );
}
