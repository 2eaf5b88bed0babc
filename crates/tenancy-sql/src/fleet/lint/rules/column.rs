//! `column_rewrites`: a new column that makes the server write or read every row under a lock that stops everybody.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::{
    cursor::{Cursor, Name, alter_table},
    token::Token,
};

const RULE: &str = "column_rewrites";
/// Functions that give one value to all rows: the server keeps it once. Any other is taken to be volatile.
const STEADY: [&str; 7] = [
    "now",
    "transaction_timestamp",
    "statement_timestamp",
    "current_setting",
    "current_tenant",
    "current_actor",
    "jsonb_build_object",
];
/// Types whose brackets are no call.
const TYPES: [&str; 9] = [
    "varchar",
    "char",
    "character",
    "varying",
    "numeric",
    "decimal",
    "bit",
    "timestamp",
    "timestamptz",
];

pub(super) fn check(statement: &Statement, scope: &Scope, _: &History) -> Vec<Problem> {
    let Some((table, actions)) = alter_table(&statement.tokens) else {
        return Vec::new();
    };
    if scope.created.contains(&table) {
        return Vec::new();
    }
    actions
        .into_iter()
        .filter_map(added)
        .flat_map(|column| problems(&table, column))
        .collect()
}

/// What is said of a column that is added.
fn added(mut action: Cursor<'_>) -> Option<Cursor<'_>> {
    if !action.eat(&["add"]) {
        return None;
    }
    let constraint = ["constraint", "primary", "unique", "check", "foreign", "exclude"];
    if !action.eat(&["column"]) && constraint.iter().any(|word| action.clone().eat(&[word])) {
        return None;
    }
    action.eat(&["if", "not", "exists"]);
    Some(action)
}

fn problems(table: &Name, column: Cursor<'_>) -> Vec<Problem> {
    let rewrites =
        format!("the new column makes the server write all of `{table}` anew while nobody else can");
    let scans = format!("the new column's constraint reads or locks all of `{table}` and what it refers to");
    let two_steps =
        "add the column without it, fill the rows in batches, and set the default in a migration of its own";
    let apart = "add the column without it; the constraint in a migration of its own, as NOT VALID or USING INDEX, then \
                 validated";
    let serial = ["serial", "bigserial", "smallserial"];
    let mut found = Vec::new();
    if serial.iter().any(|word| column.has(&[word])) || column.has(&["generated"]) || volatile(column) {
        found.push(Problem::new(RULE, rewrites, two_steps));
    }
    let constraints = ["unique", "primary", "references", "check"];
    if constraints.iter().any(|word| column.has(&[word])) {
        found.push(Problem::new(RULE, scans, apart));
    }
    let default = column.has(&["default"]) || column.has(&["generated"]);
    if column.has(&["not", "null"]) && !default {
        let problem =
            format!("a column that is NOT NULL and has no default can't be added while `{table}` has rows");
        found.push(Problem::new(
            RULE,
            problem,
            "give it a constant default, or let it be null first",
        ));
    }
    found
}

/// A default that calls what is not known to give one value to all rows.
fn volatile(mut column: Cursor<'_>) -> bool {
    while let Some(token) = column.next() {
        if token.is("default") {
            return calls(column.rest());
        }
    }
    false
}

fn calls(tokens: &[Token]) -> bool {
    tokens.windows(2).any(|pair| match pair {
        [called, open] if open.is_symbol('(') => called
            .name()
            .is_some_and(|name| !STEADY.contains(&name) && !TYPES.contains(&name)),
        _ => false,
    })
}
