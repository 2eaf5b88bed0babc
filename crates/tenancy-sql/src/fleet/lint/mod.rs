//! Refuses a migration that would stop a service, break its readers or leave a table without a fence, before any database
//! sees it.
//!
//! # What is looked at
//!
//! The text alone, with our own scanner of it: of 30 statements of PostgreSQL's DDL that the rules are about, the parsers
//! that are to be had without a C compiler do not read 8, and what is not read can't be refused. What the text does not
//! show - the size of a table, the type of a column - is taken to be the worst.
//!
//! # Marks
//!
//! A comment above or in a statement waives one rule for it, and one anywhere makes the migration a contract step:
//!
//! ```sql
//! -- tenancy: allow index_blocks: the table has 200 rows and is written once a day
//! -- tenancy: contract since 7: the code of release 7 was the first that does not read the column
//! ```

mod cursor;
mod marks;
mod reader;
mod rules;
mod scope;
mod statement;
#[cfg(test)]
mod tests;
mod token;

use std::{collections::BTreeSet, fmt};

use sqlx::migrate::Migrator;

pub(crate) use self::{cursor::Name, rules::contract::Dropped};
use self::{
    marks::Marks,
    rules::{Problem, contract},
    scope::{History, Scope},
    statement::{Statement, statements},
};

/// Why a migration must not run as it is written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Hazard {
    /// The migration's version.
    pub migration: i64,
    /// The line in it.
    pub line: usize,
    /// The rule that is broken, as a waiver names it.
    pub rule: &'static str,
    /// What would happen.
    pub problem: String,
    /// The safe way to the same end.
    pub remedy: String,
    /// The reason of the waiver, where there is one.
    pub waived: Option<String>,
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            migration,
            line,
            rule,
            problem,
            remedy,
            waived,
        } = self;
        write!(f, "migration {migration}, line {line}: [{rule}] {problem}")?;
        match waived {
            Some(reason) => write!(f, " (waived: {reason})"),
            None => write!(f, "; instead: {remedy}"),
        }
    }
}

/// What the migrations' texts say, beside their hazards.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) hazards: Vec<Hazard>,
    /// Tables that are declared to hold no tenant's rows.
    pub(crate) global: BTreeSet<Name>,
    /// Contract steps, and the version since which nothing reads what they take away.
    pub(crate) contracts: Vec<(i64, i64)>,
    /// What each migration takes away.
    pub(crate) dropped: Vec<(i64, Dropped)>,
}

/// What is wrong with each migration of more than version `after`; waived ones are marked. Pure: connects to nothing.
#[must_use]
pub fn lint(migrations: &Migrator, after: i64) -> Vec<Hazard> {
    read(migrations, after).hazards
}

/// Reads all of the migrations, and lints those of more than version `after`.
pub(crate) fn read(migrations: &Migrator, after: i64) -> Reading {
    let up = migrations
        .iter()
        .filter(|one| one.migration_type.is_up_migration());
    let texts = up.map(|one| (one.version, one.sql.as_str(), one.no_tx));
    read_texts(texts, after)
}

/// Versions, texts, and whether each runs outside of a transaction.
fn read_texts<'t>(texts: impl Iterator<Item = (i64, &'t str, bool)>, after: i64) -> Reading {
    let mut reading = Reading::default();
    let mut history = History::default();
    for (migration, text, alone) in texts {
        let old = migration <= after;
        let found = Found { migration, old };
        match statements(text) {
            Ok(statements) => found.read(&mut reading, &mut history, &statements, alone),
            Err(unreadable) => {
                let problem = Problem::new("unreadable", unreadable.what, "end it");
                reading.hazards.push(found.hazard(unreadable.line, problem, None));
            }
        }
    }
    reading.hazards.retain(|hazard| hazard.migration > after);
    reading
}

struct Found {
    migration: i64,
    /// It is older than the lint.
    old: bool,
}

impl Found {
    fn read(&self, reading: &mut Reading, history: &mut History, all: &[Statement], alone: bool) {
        let mut scope = Scope::of(all, alone);
        let marks = Marks::of(all.iter().flat_map(|one| &one.comments), self.migration, history);
        let unread = marks.unread.into_iter();
        reading
            .hazards
            .extend(unread.map(|(line, problem)| self.hazard(line, problem, None)));
        scope.contract = marks.contract;
        reading
            .contracts
            .extend(marks.contract.map(|since| (self.migration, since)));
        for statement in all.iter().filter(|one| !one.tokens.is_empty()) {
            let own = Marks::of(statement.comments.iter(), self.migration, history);
            for problem in rules::ask(statement, &scope, history) {
                let waiver = own.waivers.get(problem.rule).cloned();
                if waiver.is_some() || self.old {
                    reading.global.extend(problem.unfenced.clone());
                }
                reading
                    .hazards
                    .push(self.hazard(statement.line(), problem, waiver));
            }
            let dropped = contract::dropped(statement, &scope).into_iter();
            reading.dropped.extend(dropped.map(|one| (self.migration, one)));
            history.learn(statement);
        }
        history.end(self.migration);
    }

    fn hazard(&self, line: usize, problem: Problem, waived: Option<String>) -> Hazard {
        Hazard {
            migration: self.migration,
            line,
            rule: problem.rule,
            problem: problem.problem,
            remedy: problem.remedy,
            waived,
        }
    }
}
