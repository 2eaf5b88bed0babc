//! `table_unfenced`: a new table without a tenant column and a forced fence, or what no fence can stand around.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::{Cursor, NewTable, create_table};

const RULE: &str = "table_unfenced";
const REMEDY: &str = "write what `rls::TenantTable::render` gives: the column `tenant_id` with its default, keys that begin with \
    it, row-level security enabled and forced, `tenant_rows` and `tenant_wall`; or waive it for a table that holds no \
    tenant's rows";

pub(super) fn check(statement: &Statement, scope: &Scope, _: &History) -> Vec<Problem> {
    let table = create_table(&statement.tokens).and_then(|table| new_table(table, statement, scope));
    table.or_else(|| other(statement)).into_iter().collect()
}

fn new_table(mut table: NewTable<'_>, statement: &Statement, scope: &Scope) -> Option<Problem> {
    let name = &table.name;
    let foreign = Cursor::new(&statement.tokens).has(&["create", "foreign", "table"]);
    // a partition has the columns of its table; no rights on it are given while it has no fence of its own
    if table.rest.eat(&["partition", "of"]) && !foreign {
        return None;
    }
    let tenant = table.rest.parenthesized().is_some_and(|columns| {
        columns
            .parts()
            .iter_mut()
            .any(|column| column.eat(&["tenant_id"]))
    });
    let problem = match (foreign, tenant, scope.fenced(name)) {
        (true, ..) => format!("the foreign table `{name}` can't be fenced"),
        (_, false, _) => format!("the new table `{name}` has no column `tenant_id`"),
        (_, _, false) => format!("the new table `{name}` has no fence in this migration"),
        _ => return None,
    };
    let mut problem = Problem::new(RULE, problem, REMEDY);
    problem.unfenced = Some(table.name);
    Some(problem)
}

/// What reads tenants' rows with its owner's rights, or holds them where no policy is.
fn other(statement: &Statement) -> Option<Problem> {
    let mut cursor = Cursor::new(&statement.tokens);
    if cursor.eat(&["select"]) && cursor.has(&["into"]) {
        return Some(Problem::new(
            RULE,
            "SELECT INTO makes a table without a fence",
            REMEDY,
        ));
    }
    if !Cursor::new(&statement.tokens).eat(&["create"]) {
        return None;
    }
    if Cursor::new(&statement.tokens).eat(&["create", "materialized", "view"]) {
        return Some(Problem::new(
            RULE,
            "a materialised view can't be fenced",
            "make a table of it, or waive it when nothing of a tenant is in it",
        ));
    }
    let mut cursor = Cursor::new(&statement.tokens);
    cursor.next();
    cursor.eat(&["or", "replace"]);
    cursor.eat(&["recursive"]);
    let view = cursor.eat(&["view"]);
    (view && !cursor.has(&["security_invoker"])).then(|| {
        Problem::new(
            RULE,
            "a view reads with its owner's rights",
            "CREATE VIEW … WITH (security_invoker = true) AS …",
        )
    })
}
