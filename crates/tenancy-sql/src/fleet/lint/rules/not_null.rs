//! `set_not_null`: the whole table is read under a lock that stops everybody, unless a validated check proves it.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::{Cursor, alter_table};

pub(super) fn check(statement: &Statement, scope: &Scope, history: &History) -> Vec<Problem> {
    let Some((table, actions)) = alter_table(&statement.tokens) else {
        return Vec::new();
    };
    if scope.created.contains(&table) {
        return Vec::new();
    }
    let columns = actions.into_iter().filter_map(set_not_null);
    let unproven = columns.filter(|column| !history.proven(&table, column));
    let problem = |column: String| {
        Problem::new(
            "set_not_null",
            format!("SET NOT NULL reads all of `{table}` while nobody else can"),
            format!(
                "ALTER TABLE {table} ADD CONSTRAINT {column}_set CHECK ({column} IS NOT NULL) NOT VALID; in the next migration \
                 ALTER TABLE {table} VALIDATE CONSTRAINT {column}_set; in the one after it SET NOT NULL, which then reads nothing"
            ),
        )
    };
    unproven.map(problem).collect()
}

fn set_not_null(mut action: Cursor<'_>) -> Option<String> {
    if !action.eat(&["alter"]) {
        return None;
    }
    action.eat(&["column"]);
    let column = action.next()?.name()?.to_owned();
    action.eat(&["set", "not", "null"]).then_some(column)
}
