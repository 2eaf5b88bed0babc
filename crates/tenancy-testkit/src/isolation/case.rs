//! One try.

use sqlx::Row;
use tenancy_core::TenantId;
use uuid::Uuid;

use super::{Cell, Outcome, Setting, Verb};

/// One try: a statement, and what must come of it. For those who run the suite over something else than the runtime role's
/// own connections: see [`Isolation::run_with`](super::Isolation::run_with).
#[derive(Clone, Debug)]
pub struct Case {
    /// The table, with its schema, as the server quotes it.
    pub table: String,
    /// What is tried.
    pub verb: Verb,
    /// Under which setting.
    pub setting: Setting,
    /// The statement. It takes no arguments, and must be undone after it ran.
    pub statement: String,
    /// The outcomes, each of which is right.
    pub expected: Vec<Outcome>,
    pub(super) own: TenantId,
}

impl Case {
    /// The outcome of the rows that the statement gave. Some give none: for those, [`affected`](Self::affected).
    ///
    /// # Errors
    ///
    /// When a row has no `tenant_id`.
    pub fn rows(&self, rows: &[sqlx::postgres::PgRow]) -> sqlx::Result<Outcome> {
        let tenants = rows.iter().map(|row| row.try_get("tenant_id"));
        Ok(self.reached(tenants.collect::<sqlx::Result<Vec<Uuid>>>()?))
    }

    /// The outcome of a statement that gives no rows back, and wrote this many.
    #[must_use]
    pub fn affected(&self, rows: u64) -> Outcome {
        // what was reassigned is the other tenant's, whosever it was
        let (own, others) = if self.verb == Verb::Reassign {
            (0, rows)
        } else {
            (rows, 0)
        };
        Outcome::Rows { own, others }
    }

    /// Whether the statement gives the `tenant_id` of each row that it reached.
    #[must_use]
    pub fn gives_rows(&self) -> bool {
        !matches!(
            self.verb,
            Verb::Insert | Verb::Upsert | Verb::Reassign | Verb::Truncate
        )
    }

    /// The cell of the report.
    #[must_use]
    pub fn saw(&self, seen: Outcome) -> Cell {
        Cell {
            table: self.table.clone(),
            verb: self.verb,
            setting: self.setting,
            expected: self.expected.clone(),
            seen,
        }
    }

    pub(super) fn reached(&self, tenants: impl IntoIterator<Item = Uuid>) -> Outcome {
        let (own, others): (Vec<_>, Vec<_>) = tenants.into_iter().partition(|t| *t == self.own.as_uuid());
        let count = |tenants: Vec<_>| u64::try_from(tenants.len()).unwrap_or(u64::MAX);
        Outcome::Rows {
            own: count(own),
            others: count(others),
        }
    }
}
