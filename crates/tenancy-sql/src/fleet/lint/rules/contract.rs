//! `contract`: what running code may still read is taken away or renamed.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::{Cursor, Name, alter_table};

const RULE: &str = "contract";
const REMEDY: &str = "ship code that does not read it first; then mark the migration `-- tenancy: contract since VERSION: REASON` \
    with the version of the migration that this code came with. A new name is a new column that is written beside the old one";

/// A table, or one column of it, that a migration takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) table: Name,
    pub(crate) column: Option<String>,
}

/// Kinds of objects that code reads or calls by name.
const KINDS: [&str; 11] = [
    "table",
    "view",
    "function",
    "procedure",
    "routine",
    "type",
    "domain",
    "schema",
    "sequence",
    "column",
    "materialized",
];

pub(super) fn check(statement: &Statement, scope: &Scope, _: &History) -> Vec<Problem> {
    if scope.contract.is_some() {
        return Vec::new();
    }
    let found = taken(statement, scope);
    found
        .map(|what| Problem::new(RULE, format!("{what} that running code may read"), REMEDY))
        .into_iter()
        .collect()
}

fn taken(statement: &Statement, scope: &Scope) -> Option<String> {
    let mut cursor = Cursor::new(&statement.tokens);
    if let Some((table, actions)) = alter_table(&statement.tokens) {
        if scope.created.contains(&table) {
            return None;
        }
        return actions.into_iter().find_map(|mut action| {
            if action.eat(&["rename"]) {
                Some(format!("`{table}` or a part of it gets another name: one"))
            } else if action.eat(&["set", "schema"]) {
                Some(format!("`{table}` goes to another schema, a table"))
            } else {
                dropped_column(action).map(|column| format!("`{column}` of `{table}` is dropped, a column"))
            }
        });
    }
    match cursor.eat_any(&["drop", "alter"])? {
        "drop" => {
            let kind = cursor.eat_any(&KINDS)?;
            cursor.eat(&["if", "exists"]);
            let made = cursor
                .clone()
                .name()
                .is_some_and(|name| scope.created.contains(&name));
            (!made).then(|| format!("a {kind} is dropped: one"))
        }
        _ => {
            let kind = cursor.eat_any(&KINDS)?;
            let renamed = cursor.has(&["rename"]) || cursor.has(&["set", "schema"]);
            renamed.then(|| format!("a {kind} gets another name: one"))
        }
    }
}

fn dropped_column(mut action: Cursor<'_>) -> Option<String> {
    if !action.eat(&["drop"]) || action.clone().eat(&["constraint"]) {
        return None;
    }
    action.eat(&["column"]);
    action.eat(&["if", "exists"]);
    Some(action.next()?.name()?.to_owned())
}

/// The tables and columns that a statement takes away.
pub(in crate::fleet::lint) fn dropped(statement: &Statement, scope: &Scope) -> Vec<Dropped> {
    if let Some((table, actions)) = alter_table(&statement.tokens) {
        let columns = actions.into_iter().filter_map(dropped_column);
        let of = |column| Dropped {
            table: table.clone(),
            column: Some(column),
        };
        return columns.map(of).collect();
    }
    let mut cursor = Cursor::new(&statement.tokens);
    if !cursor.eat(&["drop", "table"]) {
        return Vec::new();
    }
    cursor.eat(&["if", "exists"]);
    let tables = cursor.parts().into_iter().filter_map(|mut part| part.name());
    let unknown = tables.filter(|table| !scope.created.contains(table));
    unknown.map(|table| Dropped { table, column: None }).collect()
}
