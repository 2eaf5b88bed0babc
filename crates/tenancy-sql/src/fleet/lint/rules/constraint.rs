//! `constraint_scans`: a constraint that is checked against every row under a lock that stops writers.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::{Cursor, Name, alter_table};

const RULE: &str = "constraint_scans";

pub(super) fn check(statement: &Statement, scope: &Scope, history: &History) -> Vec<Problem> {
    let Some((table, actions)) = alter_table(&statement.tokens) else {
        return Vec::new();
    };
    if scope.created.contains(&table) {
        return Vec::new();
    }
    actions
        .into_iter()
        .filter_map(|action| problem(&table, action, history))
        .collect()
}

fn problem(table: &Name, mut action: Cursor<'_>, history: &History) -> Option<Problem> {
    if action.eat(&["validate", "constraint"]) {
        let name = action.next()?.name()?;
        return history.added_here(table, name).then(|| {
            Problem::new(
                RULE,
                format!("`{table}` is read under the lock that adding the constraint in this migration took"),
                "validate it in a migration of its own",
            )
        });
    }
    if !action.eat(&["add"]) {
        return None;
    }
    if action.eat(&["constraint"]) {
        action.next();
    }
    let (what, remedy) = match action.eat_any(&["check", "foreign", "unique", "primary", "exclude"])? {
        "check" | "foreign" if action.has(&["not", "valid"]) => return None,
        "unique" | "primary" if action.has(&["using", "index"]) => return None,
        "check" | "foreign" => (
            "reads all rows while nobody can write",
            "add it as NOT VALID, and ALTER TABLE … VALIDATE CONSTRAINT in the next migration",
        ),
        "unique" | "primary" => (
            "makes an index while nobody can write",
            "CREATE UNIQUE INDEX CONCURRENTLY in a migration of its own, then ADD CONSTRAINT … USING INDEX",
        ),
        _ => (
            "makes an index while nobody can write, and there is no other way",
            "waive it where the table is small",
        ),
    };
    Some(Problem::new(
        RULE,
        format!("the new constraint on `{table}` {what}"),
        remedy,
    ))
}
