//! `table_locks`: a lock that is asked for by name, or that comes with what should be done another way.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::{Cursor, alter_table};

const RULE: &str = "table_locks";

pub(super) fn check(statement: &Statement, scope: &Scope, _: &History) -> Vec<Problem> {
    let detached = alter_table(&statement.tokens)
        .filter(|(table, _)| !scope.created.contains(table))
        .map(|(_, actions)| actions)
        .unwrap_or_default()
        .into_iter()
        .any(|mut action| action.eat(&["detach"]) && !action.has(&["concurrently"]));
    let found = if detached {
        Some((
            "a partition is detached while nobody can read its table",
            "DETACH PARTITION … CONCURRENTLY",
        ))
    } else {
        statement_locks(Cursor::new(&statement.tokens))
    };
    found
        .map(|(problem, remedy)| Problem::new(RULE, problem, remedy))
        .into_iter()
        .collect()
}

fn statement_locks(mut cursor: Cursor<'_>) -> Option<(&'static str, &'static str)> {
    if cursor.eat(&["lock"]) {
        return Some((
            "LOCK keeps everybody waiting until the migration ends",
            "let each statement take the lock that it needs; compare and set in one UPDATE",
        ));
    }
    if cursor.eat(&["truncate"]) {
        return Some((
            "TRUNCATE knows no tenant and no fence, and keeps everybody waiting",
            "DELETE in batches",
        ));
    }
    let refresh = cursor.eat(&["refresh", "materialized", "view"]) && !cursor.eat(&["concurrently"]);
    refresh.then_some((
        "the view can't be read while it is made anew",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY",
    ))
}
