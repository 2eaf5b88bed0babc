//! One step of a plan.

use std::{fmt, ops::Range};

use super::super::quote::plain;

/// How far the fencing has got, and what the application does before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The column, and a trigger that fills it. Writers notice nothing.
    Prepare,
    /// The rows that were there before, in batches.
    Backfill,
    /// Keys, references and checks within the tenant, beside the old ones.
    Validate,
    /// The role that will serve is let in, behind its fence; the application as it was goes on beside it.
    Admit,
    /// The fence holds for everybody, and what knew no tenants goes. Nothing may write without a tenant any more.
    Enforce,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Prepare,
        Self::Backfill,
        Self::Validate,
        Self::Admit,
        Self::Enforce,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Backfill => "backfill",
            Self::Validate => "validate",
            Self::Admit => "admit",
            Self::Enforce => "enforce",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a step keeps others from while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lock {
    /// Nobody.
    Nothing,
    /// Rows of one batch, from those who write them.
    Rows,
    /// `SHARE UPDATE EXCLUSIVE`: other changes of the table's shape; readers and writers go on.
    Shape,
    /// `SHARE ROW EXCLUSIVE`: writers, for as long as the catalog's change takes.
    Writers,
    /// `ACCESS EXCLUSIVE`: readers and writers, for as long as the catalog's change takes.
    Everybody,
}

impl Lock {
    /// As SQL names it.
    pub(in crate::rls) fn mode(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Rows => "ROW EXCLUSIVE",
            Self::Shape => "SHARE UPDATE EXCLUSIVE",
            Self::Writers => "SHARE ROW EXCLUSIVE",
            Self::Everybody => "ACCESS EXCLUSIVE",
        }
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mode())
    }
}

/// One step of a plan. A step is done whole or not at all, but for batches, which go on where they were.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step {
    /// The phase it belongs to.
    pub phase: Phase,
    /// What it changes, quoted as in SQL.
    pub object: String,
    /// What it does and why.
    pub why: &'static str,
    /// The strongest lock it takes on a table.
    pub lock: Lock,
    /// Its statements, without semicolons.
    pub statements: Vec<String>,
    /// The catalog says that it was done.
    pub done: bool,
    pub(in crate::rls) how: How,
}

/// How a step is run.
#[derive(Clone, Debug)]
pub(in crate::rls) enum How {
    /// Our own migrations.
    Base,
    /// In one transaction, after these tables were locked, in this order.
    Locked(Vec<String>),
    /// Statement by statement, outside of a transaction: it waits for transactions that are older, and stops nobody.
    Online,
    /// In batches.
    Fill(Fill),
    /// Until no row is without a tenant.
    Filled(Vec<Fill>),
    /// Rows that no reference checks are compared with what they belong to.
    Followed(Vec<Fill>),
    /// Online; when rows disagree, they are mended once from where they got their tenant.
    Checked(Vec<Fill>, String),
}

/// The batches of one table or partition.
#[derive(Clone, Debug)]
pub(in crate::rls) struct Fill {
    pub(in crate::rls) table: String,
    /// Where a row's tenant comes from, as an expression over the row `c`.
    pub(in crate::rls) from: String,
    /// Its triggers may be kept from firing.
    pub(in crate::rls) quiet: bool,
}

impl Fill {
    /// One batch: these blocks. A row that somebody holds is left for later: waiting for one row while others are held is how
    /// writers die of a deadlock.
    pub(in crate::rls) fn batch(&self, which: &str, blocks: &Range<i64>) -> String {
        let Self { table, from, .. } = self;
        let Range { start, end } = blocks;
        format!(
            "WITH batch AS MATERIALIZED (SELECT c.ctid AS at, {from} AS tenant FROM ONLY {table} c \
             WHERE {which} AND c.ctid >= '({start},0)'::tid AND c.ctid < '({end},0)'::tid FOR NO KEY UPDATE OF c SKIP LOCKED) \
             UPDATE ONLY {table} c SET tenant_id = b.tenant FROM batch b WHERE c.ctid = b.at AND b.tenant IS NOT NULL"
        )
    }

    /// The rows that have no tenant yet.
    pub(in crate::rls) const EMPTY: &'static str = "c.tenant_id IS NULL";

    /// The rows that have another tenant than what they belong to.
    pub(in crate::rls) fn astray(&self) -> String {
        format!("c.tenant_id IS DISTINCT FROM {}", self.from)
    }
}

impl fmt::Display for Step {
    /// As a script. What comes from the catalog into a comment stays on its line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = if self.done { " [done]" } else { "" };
        let (object, why) = (plain(&self.object), self.why);
        writeln!(
            f,
            "-- {} {object}: {why} (locks: {}){done}",
            self.phase, self.lock
        )?;
        if self.done {
            return Ok(());
        }
        let transaction = matches!(self.how, How::Locked(_)) && self.statements.len() > 1;
        if transaction {
            writeln!(f, "BEGIN;")?;
        }
        for statement in &self.statements {
            writeln!(f, "{statement};")?;
        }
        if transaction {
            writeln!(f, "COMMIT;")?;
        }
        Ok(())
    }
}
