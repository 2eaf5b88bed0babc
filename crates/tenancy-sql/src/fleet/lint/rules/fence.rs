//! `fence_weakened`: what takes a fence away, or goes around one. Can't be waived.

use super::{History, Problem, Scope, Statement};
use crate::fleet::lint::cursor::{Cursor, alter_table};

const RULE: &str = "fence_weakened";

pub(super) fn check(statement: &Statement, _: &Scope, _: &History) -> Vec<Problem> {
    let cursor = Cursor::new(&statement.tokens);
    let starts = |words: &[&str]| Cursor::new(&statement.tokens).eat(words);
    let mut found = Vec::new();
    for mut action in alter_table(&statement.tokens).map_or_else(Vec::new, |(_, actions)| actions) {
        if action.eat(&["disable", "row"]) || action.eat(&["no", "force"]) {
            found.push("row-level security is taken off a table");
        }
    }
    if starts(&["drop", "policy"]) || starts(&["alter", "policy"]) {
        found.push("a policy is taken away or changed");
    }
    if starts(&["grant"]) && cursor.has(&["to", "public"]) {
        found.push("everybody gets a right");
    }
    let role = ["role", "user", "group"]
        .iter()
        .any(|what| starts(&["create", what]) || starts(&["alter", what]));
    if role && (cursor.has(&["bypassrls"]) || cursor.has(&["superuser"])) {
        found.push("a role gets past every fence");
    }
    let remedy = "a fence stays as it is; what must change it is done by hand, with `tenancy audit` after it";
    found
        .into_iter()
        .map(|problem| Problem::new(RULE, problem, remedy))
        .collect()
}
