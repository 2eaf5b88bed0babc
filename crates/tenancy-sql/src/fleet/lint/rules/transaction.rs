//! `transaction`: what would leave a migration half done, done twice, or the session changed for the next. Can't be waived.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::Cursor;

const RULE: &str = "transaction";

pub(super) fn check(statement: &Statement, scope: &Scope, _: &History) -> Vec<Problem> {
    let found = control(Cursor::new(&statement.tokens)).or_else(|| shape(statement, scope));
    found
        .map(|(problem, remedy)| Problem::new(RULE, problem, remedy))
        .into_iter()
        .collect()
}

fn control(mut cursor: Cursor<'_>) -> Option<(&'static str, &'static str)> {
    let words = [
        "begin",
        "start",
        "commit",
        "end",
        "rollback",
        "abort",
        "savepoint",
        "release",
        "prepare",
        "discard",
        "reset",
    ];
    if cursor.eat_any(&words).is_some() {
        return Some((
            "a migration is one transaction, which the runner begins and ends",
            "leave it out",
        ));
    }
    if !cursor.eat(&["set"]) {
        return None;
    }
    let local = cursor.eat(&["local"]);
    cursor.eat(&["session"]);
    let fixed = [
        "role",
        "authorization",
        "search_path",
        "row_security",
        "transaction",
        "constraints",
    ];
    let fixed = cursor.eat_any(&fixed).is_some_and(|word| word != "constraints");
    (!local || fixed).then_some((
        "a setting stays with the session, and the search path and the role are the runner's",
        "SET LOCAL of another setting, or names with their schema",
    ))
}

/// Without a transaction, a crash between the statement and its record runs it once more.
fn shape(statement: &Statement, scope: &Scope) -> Option<(&'static str, &'static str)> {
    let cursor = Cursor::new(&statement.tokens);
    let starts = |words: &[&str]| Cursor::new(&statement.tokens).eat(words);
    let outside = cursor.has(&["concurrently"]) && !starts(&["refresh"]) || starts(&["vacuum"]);
    if outside && !scope.alone {
        return Some((
            "the server does not do it in a transaction",
            "a migration of its own whose first line begins with `-- no-transaction`",
        ));
    }
    if !scope.alone {
        return None;
    }
    if scope.statements > 1 {
        return Some((
            "without a transaction a failure leaves the statements before it done",
            "one statement in a migration that begins with `-- no-transaction`",
        ));
    }
    let repeatable =
        cursor.has(&["if", "not", "exists"]) || cursor.has(&["if", "exists"]) || starts(&["vacuum"]);
    (!repeatable).then_some((
        "without a transaction it may run twice: after a crash it is done, and not written down",
        "IF NOT EXISTS or IF EXISTS",
    ))
}
