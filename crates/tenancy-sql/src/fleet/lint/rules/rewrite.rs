//! `table_rewrites`: what makes the server write a table anew while nobody can read it.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::{Cursor, alter_table};

const RULE: &str = "table_rewrites";

pub(super) fn check(statement: &Statement, scope: &Scope, _: &History) -> Vec<Problem> {
    let mut found = Vec::new();
    if let Some((table, actions)) = alter_table(&statement.tokens) {
        let known = scope.created.contains(&table);
        found.extend(actions.into_iter().filter(|_| !known).filter_map(action));
    }
    found.extend(whole(Cursor::new(&statement.tokens)));
    let problem =
        |remedy: &str| Problem::new(RULE, "a table is written anew while nobody can read it", remedy);
    found.into_iter().map(problem).collect()
}

fn action(mut action: Cursor<'_>) -> Option<&'static str> {
    if action.eat(&["alter"]) {
        action.eat(&["column"]);
        action.next();
        let typed = action.eat(&["type"]) || action.eat(&["set", "data", "type"]);
        let identity = action.eat(&["set", "expression"]);
        return (typed || identity).then_some(
            "add a column of the new type, write both, fill it in batches, read the new one, and drop the old one in a \
             contract step",
        );
    }
    let storage = ["logged", "unlogged", "tablespace"];
    let moved = storage.iter().any(|word| action.clone().eat(&["set", word]))
        || action.eat(&["set", "access", "method"])
        || action.eat(&["set", "without", "oids"]);
    moved.then_some("copy into a new table in batches, or do it by hand in a window")
}

fn whole(mut cursor: Cursor<'_>) -> Option<&'static str> {
    if cursor.clone().eat(&["vacuum"]) && cursor.has(&["full"]) || cursor.clone().eat(&["cluster"]) {
        return Some("plain VACUUM, or an online repacker, outside of migrations");
    }
    let attribute = cursor.eat(&["alter", "type"]) && cursor.has(&["attribute"]);
    attribute.then_some("make a new type, and columns of it beside the old ones")
}
