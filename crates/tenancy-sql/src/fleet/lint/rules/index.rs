//! `index_blocks`: an index that is made, rebuilt or dropped while nobody can write.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::{Cursor, Name};

const RULE: &str = "index_blocks";

pub(super) fn check(statement: &Statement, scope: &Scope, _: &History) -> Vec<Problem> {
    let cursor = Cursor::new(&statement.tokens);
    let found = created(cursor)
        .filter(|table| table.as_ref().is_none_or(|table| !scope.created.contains(table)))
        .map(|_| "CREATE INDEX CONCURRENTLY IF NOT EXISTS … in a migration of its own that begins with `-- no-transaction`")
        .or_else(|| rebuilt(cursor));
    let problem = "an index is made or dropped while nobody can write to its table";
    found
        .map(|remedy| Problem::new(RULE, problem, remedy))
        .into_iter()
        .collect()
}

/// The table of an index that is made in one go, when it is said.
fn created(mut cursor: Cursor<'_>) -> Option<Option<Name>> {
    if !cursor.eat(&["create"]) {
        return None;
    }
    cursor.eat(&["unique"]);
    if !cursor.eat(&["index"]) || cursor.eat(&["concurrently"]) {
        return None;
    }
    while let Some(token) = cursor.next() {
        if token.is("on") {
            cursor.eat(&["only"]);
            return Some(cursor.name());
        }
    }
    Some(None)
}

fn rebuilt(mut cursor: Cursor<'_>) -> Option<&'static str> {
    if cursor.eat(&["reindex"]) {
        return (!cursor.has(&["concurrently"])).then_some("REINDEX … CONCURRENTLY, outside of a migration");
    }
    let dropped = cursor.eat(&["drop", "index"]) && !cursor.eat(&["concurrently"]);
    dropped.then_some(
        "DROP INDEX CONCURRENTLY IF EXISTS … in a migration of its own that begins with `-- no-transaction`",
    )
}
