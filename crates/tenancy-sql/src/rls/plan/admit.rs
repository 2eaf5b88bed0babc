//! The role that will serve is let in, behind its fence.

use super::{
    super::{
        catalog::{OtherKind, Rights, Table},
        fence::{PREDICATE, ROWS, WALL},
        quote::{ident, literal},
    },
    Note,
    draft::Draft,
    step::{Lock, Phase},
};

/// Lets the roles of before see all rows until the end.
pub(super) const BEFORE: &str = "tenant_before";

/// What the role may do with rows of its tenant.
const ROW_RIGHTS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];
/// What ignores a fence, or builds what does.
pub(super) const NEVER: [&str; 3] = ["TRUNCATE", "REFERENCES", "TRIGGER"];

pub(super) fn steps(draft: &mut Draft<'_>) {
    for node in draft.nodes() {
        fence(draft, node);
    }
    views(draft);
    calls(draft);
    for table in draft.tables() {
        rows(draft, table);
    }
    globals(draft);
    sequences(draft);
    shut(draft);
}

/// Policies and row-level security, not yet for the owner. While other roles of before write, the policies are the role's
/// alone.
fn fence(draft: &mut Draft<'_>, node: &Table) {
    let name = &node.name;
    let old = !draft.declared.old_roles.is_empty() && !node.forced;
    let role = draft.declared.role.to_string();
    let to = if old { role.as_str() } else { "PUBLIC" };
    let mut statements = Vec::new();
    for (policy, permissive) in [(ROWS, true), (WALL, false)] {
        let mut own = draft.catalog.policies.iter().filter(|it| it.table == node.oid);
        let found = own.find(|it| it.raw == policy);
        let stands = found
            .is_some_and(|it| it.permissive == permissive && it.fences && (it.public || (old && it.role)));
        if stands {
            continue;
        }
        let kind = if permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
        statements.push(format!("DROP POLICY IF EXISTS {policy} ON {name}"));
        statements.push(format!(
            "CREATE POLICY {policy} ON {name} AS {kind} FOR ALL TO {to} USING ({PREDICATE}) WITH CHECK ({PREDICATE})"
        ));
    }
    let before = draft
        .catalog
        .policies
        .iter()
        .any(|it| it.table == node.oid && it.raw == BEFORE);
    if old && !before {
        let roles: Vec<String> = draft.declared.old_roles.iter().map(|role| ident(role)).collect();
        let roles = roles.join(", ");
        statements.push(format!(
            "CREATE POLICY {BEFORE} ON {name} FOR ALL TO {roles} USING (true) WITH CHECK (true)"
        ));
    }
    if !node.fenced {
        statements.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
    }
    let done = statements.is_empty();
    let lock = (Lock::Everybody, vec![format!("ONLY {name}")]);
    let why = "the tenant's rows and no others; the wall holds against a careless policy beside it";
    draft.locked(Phase::Admit, name, why, lock, statements, done);
}

fn views(draft: &mut Draft<'_>) {
    let catalog = draft.catalog;
    for view in catalog.others.iter().filter(|it| it.kind() == OtherKind::View) {
        if draft.skipped.contains(&view.oid) {
            continue;
        }
        let statements = vec![format!("ALTER VIEW {} SET (security_invoker = true)", view.name)];
        let why = "a view reads as its reader, so that the fences of its tables hold";
        draft.locked(
            Phase::Admit,
            &view.name,
            why,
            (Lock::Everybody, vec![]),
            statements,
            view.invoker,
        );
        grant(
            draft,
            &view.name,
            &view.schema,
            &view.rights,
            &["SELECT"],
            "the role reads what it may",
        );
    }
}

fn calls(draft: &mut Draft<'_>) {
    let role = &draft.declared.role;
    let statements = vec![
        format!("GRANT USAGE ON SCHEMA tenancy TO {role}"),
        format!("GRANT EXECUTE ON FUNCTION tenancy.current_tenant(), tenancy.current_actor() TO {role}"),
        format!("GRANT SELECT, INSERT ON tenancy.audit_log TO {role}"),
    ];
    let done = draft.catalog.facts.calls;
    let why = "the role can be asked for its tenant";
    draft.locked(
        Phase::Admit,
        "tenancy",
        why,
        (Lock::Nothing, vec![]),
        statements,
        done,
    );
}

fn rows(draft: &mut Draft<'_>, table: &Table) {
    let why = "the role works on its tenant's rows";
    grant(draft, &table.name, &table.schema, &table.rights, &ROW_RIGHTS, why);
    for part in draft.catalog.below(table.oid) {
        let why = "the role reaches a partition through its table";
        grant(draft, &part.name, &part.schema, &part.rights, &[], why);
    }
}

/// Exactly these rights, given to the role by name.
fn grant(
    draft: &mut Draft<'_>,
    name: &str,
    schema: &str,
    rights: &Rights,
    wanted: &[&str],
    why: &'static str,
) {
    let role = draft.declared.role.to_string();
    let has = |right: &&str| rights.role.iter().any(|it| it == *right);
    let mut statements = Vec::new();
    if !rights.reaches_schema {
        statements.push(format!("GRANT USAGE ON SCHEMA {schema} TO {role}"));
    }
    let excess: Vec<&str> = ROW_RIGHTS
        .iter()
        .chain(&NEVER)
        .copied()
        .filter(|right| !wanted.contains(right) && has(right))
        .collect();
    if !excess.is_empty() {
        statements.push(format!("REVOKE {} ON {name} FROM {role}", excess.join(", ")));
    }
    if !wanted.iter().all(has) {
        statements.push(format!("GRANT {} ON {name} TO {role}", wanted.join(", ")));
    }
    let done = statements.is_empty();
    draft.locked(Phase::Admit, name, why, (Lock::Nothing, vec![]), statements, done);
}

/// Read by all, written by none; the mark is what the boot check goes by.
fn globals(draft: &mut Draft<'_>) {
    let catalog = draft.catalog;
    for declared in &draft.declared.globals {
        let oid = catalog.named.get(&declared.table).copied().flatten();
        let Some(table) = oid.and_then(|oid| catalog.table(oid)) else {
            continue;
        };
        let why = "the role reads what belongs to nobody";
        grant(draft, &table.name, &table.schema, &table.rights, &["SELECT"], why);
        let mark = format!("{}{}", super::super::GLOBAL_MARK, declared.reason.trim());
        let before = table.comment.clone().unwrap_or_default();
        let mut lines: Vec<&str> = before.lines().collect();
        let done = lines.first() == Some(&mark.as_str());
        lines.retain(|line| !line.starts_with(super::super::GLOBAL_MARK));
        lines.insert(0, &mark);
        let comment = literal(&lines.join("\n"));
        let statements = vec![format!("COMMENT ON TABLE {} IS {comment}", table.name)];
        let why = "says why it is fenced for no tenant; only its owner can say so";
        let lock = (Lock::Shape, vec![]);
        draft.locked(Phase::Admit, &table.name, why, lock, statements, done);
    }
}

/// Ids that are counted need the counter, and none of its other powers.
fn sequences(draft: &mut Draft<'_>) {
    let catalog = draft.catalog;
    let role = draft.declared.role.to_string();
    for sequence in catalog
        .others
        .iter()
        .filter(|it| it.kind() == OtherKind::Sequence)
    {
        let used = sequence.users.iter().any(|&table| draft.is_tenants(table));
        let has = |right: &str| sequence.rights.role.iter().any(|it| it == right);
        let mut statements = Vec::new();
        if has("SELECT") || has("UPDATE") || (!used && has("USAGE")) {
            statements.push(format!("REVOKE ALL ON SEQUENCE {} FROM {role}", sequence.name));
        }
        if used && (!statements.is_empty() || !has("USAGE")) {
            statements.push(format!("GRANT USAGE ON SEQUENCE {} TO {role}", sequence.name));
        }
        if used || !statements.is_empty() {
            let done = statements.is_empty();
            let why = "the next number of a counter that all tenants share, and not where it stands";
            draft.locked(
                Phase::Admit,
                &sequence.name,
                why,
                (Lock::Nothing, vec![]),
                statements,
                done,
            );
        }
    }
}

/// What can't be fenced is not reached.
fn shut(draft: &mut Draft<'_>) {
    let catalog = draft.catalog;
    let role = draft.declared.role.to_string();
    let tables = catalog.tables.iter().filter(|it| draft.skipped.contains(&it.oid));
    let tables = tables.map(|it| (&it.name, &it.rights));
    let others = catalog.others.iter().filter(|it| {
        matches!(it.kind(), OtherKind::Materialised | OtherKind::Foreign) || draft.skipped.contains(&it.oid)
    });
    let all: Vec<(&String, &Rights)> = tables.chain(others.map(|it| (&it.name, &it.rights))).collect();
    for (name, rights) in all {
        let why = "no fence holds here, so that the role does not reach it";
        let close = |from: &str| vec![format!("REVOKE ALL ON {name} FROM {from}")];
        if !rights.public.is_empty() {
            draft.notes.push(Note {
                object: name.clone(),
                text: "everybody reaches it until `enforce`, the role too".to_owned(),
            });
        }
        let (role_done, public_done) = (rights.role.is_empty(), rights.public.is_empty());
        draft.locked(
            Phase::Admit,
            name,
            why,
            (Lock::Nothing, vec![]),
            close(&role),
            role_done,
        );
        draft.locked(
            Phase::Enforce,
            name,
            why,
            (Lock::Nothing, vec![]),
            close("PUBLIC"),
            public_done,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::Fence, *};

    #[test]
    fn the_policies_are_those_of_a_new_table() {
        let new = Fence::new("public", "notes").unwrap().render();
        for (policy, kind) in [(ROWS, "PERMISSIVE"), (WALL, "RESTRICTIVE")] {
            let text = format!(
                "CREATE POLICY {policy} ON public.notes AS {kind} FOR ALL TO PUBLIC\n  USING ({PREDICATE}) WITH CHECK ({PREDICATE})"
            );
            assert!(new.contains(&text), "{new}");
        }
    }
}
