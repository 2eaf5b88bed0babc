//! What the rules know beside the statement they look at.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cursor::{Cursor, Name, alter_table, create_table},
    statement::Statement,
};

/// What one migration does elsewhere in its text.
#[derive(Default)]
pub(super) struct Scope {
    /// Tables that it makes: nobody reads them yet, so that no lock on one stops anybody.
    pub(super) created: BTreeSet<Name>,
    /// Tables on which it enables row-level security, forces it, and makes a policy of either kind.
    pub(super) fences: BTreeMap<Name, BTreeSet<&'static str>>,
    /// It runs outside of a transaction.
    pub(super) alone: bool,
    /// How many statements it has.
    pub(super) statements: usize,
    /// It is a contract step: the version since which nothing reads what it takes away.
    pub(super) contract: Option<i64>,
}

/// What a table needs to be fenced.
pub(super) const FENCE: [&str; 4] = ["enable", "force", "permissive", "restrictive"];

impl Scope {
    pub(super) fn of(all: &[Statement], alone: bool) -> Self {
        let mut scope = Self {
            alone,
            statements: all.iter().filter(|one| !one.tokens.is_empty()).count(),
            ..Self::default()
        };
        for statement in all {
            scope.learn(statement);
        }
        scope
    }

    fn learn(&mut self, statement: &Statement) {
        if let Some(table) = create_table(&statement.tokens).filter(|table| !table.or_not) {
            self.created.insert(table.name);
        } else if let Some((name, actions)) = alter_table(&statement.tokens) {
            for mut action in actions {
                let part = action.eat_any(&["enable", "force"]);
                if action.eat(&["row", "level", "security"]) {
                    self.fences.entry(name.clone()).or_default().extend(part);
                }
            }
        } else if let Some((name, kind)) = policy(&statement.tokens) {
            self.fences.entry(name).or_default().insert(kind);
        }
    }

    pub(super) fn fenced(&self, name: &Name) -> bool {
        let parts = self.fences.get(name);
        parts.is_some_and(|parts| FENCE.iter().all(|part| parts.contains(part)))
    }
}

/// A policy that compares with the tenant: its table and its kind.
fn policy(tokens: &[super::token::Token]) -> Option<(Name, &'static str)> {
    let mut cursor = Cursor::new(tokens);
    if !cursor.eat(&["create", "policy"]) {
        return None;
    }
    cursor.next()?.name()?;
    if !cursor.eat(&["on"]) {
        return None;
    }
    let name = cursor.name()?;
    let kind = if cursor.eat(&["as", "restrictive"]) {
        "restrictive"
    } else {
        "permissive"
    };
    let compares = cursor.has(&["current_tenant"]);
    compares.then_some((name, kind))
}

/// What the migrations so far have made.
#[derive(Default)]
pub(super) struct History {
    versions: BTreeSet<i64>,
    /// Checks that a column is not null, by table and constraint, and whether they are validated.
    checks: BTreeMap<(Name, String), (String, bool)>,
    /// Constraints that the migration which is read has added.
    here: BTreeSet<(Name, String)>,
}

impl History {
    pub(super) fn has(&self, version: i64) -> bool {
        self.versions.contains(&version)
    }

    /// A column is proven to hold no null.
    pub(super) fn proven(&self, table: &Name, column: &str) -> bool {
        let of = |((name, _), (of, validated)): (&(Name, String), &(String, bool))| {
            name == table && of == column && *validated
        };
        self.checks.iter().any(of)
    }

    /// A constraint was added by the migration that is read.
    pub(super) fn added_here(&self, table: &Name, constraint: &str) -> bool {
        self.here.contains(&(table.clone(), constraint.to_owned()))
    }

    /// Goes on to what follows `statement`.
    pub(super) fn learn(&mut self, statement: &Statement) {
        let Some((table, actions)) = alter_table(&statement.tokens) else {
            return;
        };
        for action in actions {
            let key = |name: &str| (table.clone(), name.to_owned());
            if let Some(name) = named(action, &["validate", "constraint"]) {
                if let Some((_, validated)) = self.checks.get_mut(&key(name)) {
                    *validated = true;
                }
            } else if let Some(name) = named(action, &["drop", "constraint"]) {
                self.checks.remove(&key(name));
            } else if let Some(name) = named(action, &["add", "constraint"]) {
                self.here.insert(key(name));
                let column = not_null_check(action);
                self.checks
                    .extend(column.map(|column| (key(name), (column, false))));
            }
        }
    }

    /// A migration is over.
    pub(super) fn end(&mut self, version: i64) {
        self.here.clear();
        self.versions.insert(version);
    }
}

fn named<'s>(mut action: Cursor<'s>, words: &[&str]) -> Option<&'s str> {
    action.eat(words).then_some(())?;
    action.next()?.name()
}

/// The column of `ADD CONSTRAINT name CHECK (column IS NOT NULL) …`.
fn not_null_check(mut action: Cursor<'_>) -> Option<String> {
    named(action, &["add", "constraint"])?;
    action.eat(&["add", "constraint"]);
    action.next();
    if !action.eat(&["check"]) {
        return None;
    }
    let mut inside = action.parenthesized()?;
    let column = inside.next()?.name()?.to_owned();
    let whole = inside.eat(&["is", "not", "null"]) && inside.rest().is_empty();
    whole.then_some(column)
}
