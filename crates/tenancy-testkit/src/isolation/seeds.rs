//! The rows that are there, seen by the superuser.

use sqlx::{AssertSqlSafe, PgConnection};
use tenancy_core::TenantId;

use super::{IsolationError, relation::Relation, session::within};

/// The rows of a relation, and one of the own tenant's to try things with.
#[derive(Clone, Debug)]
pub(super) struct Seeds {
    pub(super) own: u64,
    pub(super) other: u64,
    /// Rows of everybody.
    all: u64,
    pub(super) row: SeedRow,
}

/// One row of the own tenant.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct SeedRow {
    /// The row, as a quoted literal of its type.
    pub(super) literal: String,
    /// Where it is, as SQL: `(tableoid, ctid)`.
    pub(super) place: String,
}

impl Seeds {
    pub(super) async fn of(
        superuser: &mut PgConnection,
        relation: &Relation,
        (own, other): (TenantId, TenantId),
    ) -> Result<Self, IsolationError> {
        let counts = format!(
            "SELECT count(*) FILTER (WHERE tenant_id = '{own}'), count(*) FILTER (WHERE tenant_id = '{other}'), count(*) FROM {}",
            relation.name
        );
        let counts = sqlx::query_as(AssertSqlSafe(counts)).fetch_one(&mut *superuser);
        let (mine, theirs, all): (i64, i64, i64) = within("count the rows", counts).await?;
        for (count, tenant) in [(mine, own), (theirs, other)] {
            if count == 0 {
                return Err(IsolationError::Unseeded {
                    table: relation.name.clone(),
                    tenant,
                });
            }
        }
        let row = row(superuser, relation, own).await?;
        let [own, other, all] = [mine, theirs, all].map(i64::unsigned_abs);
        Ok(Self { own, other, all, row })
    }

    pub(super) fn as_many_as(&self, before: &Self) -> bool {
        (self.own, self.other, self.all) == (before.own, before.other, before.all)
    }
}

async fn row(
    superuser: &mut PgConnection,
    relation: &Relation,
    own: TenantId,
) -> Result<SeedRow, IsolationError> {
    let place = if relation.stores {
        "format('(%s::oid, %L::tid)', t.tableoid, t.ctid)"
    } else {
        "''"
    };
    let text = format!(
        "SELECT quote_literal((t.*)::text) AS literal, {place} AS place FROM {} t WHERE tenant_id = '{own}' LIMIT 1",
        relation.name
    );
    within(
        "read a row",
        sqlx::query_as(AssertSqlSafe(text)).fetch_one(superuser),
    )
    .await
}
