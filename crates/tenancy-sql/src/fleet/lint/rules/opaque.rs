//! `opaque`: DDL in a block of code, which the other rules do not see.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::{
    cursor::Cursor,
    statement::statements,
    token::{Kind, Token},
};

/// Words that begin what the other rules look at.
const SEEN: [&str; 11] = [
    "alter", "create", "drop", "lock", "truncate", "vacuum", "cluster", "reindex", "grant", "execute",
    "refresh",
];

pub(super) fn check(statement: &Statement, _: &Scope, _: &History) -> Vec<Problem> {
    let hidden = Cursor::new(&statement.tokens).eat(&["do"]) && statement.tokens.iter().any(holds);
    let problem = Problem::new(
        "opaque",
        "a block of code holds DDL or EXECUTE, which no rule sees",
        "write the statements plainly, or waive it and say what it does",
    );
    hidden.then_some(problem).into_iter().collect()
}

fn holds(token: &Token) -> bool {
    let Kind::Text(body) = &token.kind else {
        return false;
    };
    let Ok(inside) = statements(body) else {
        return true;
    };
    let mut tokens = inside.iter().flat_map(|one| &one.tokens);
    tokens.any(|token| SEEN.iter().any(|word| token.is(word)))
}
