//! Takes a row out of its table and puts it back.

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use super::{IsolationError, relation::Relation, seeds::SeedRow, session::within, statement};

/// Past triggers and foreign keys, which are not what is asked about.
const SILENT: &str = "SET session_replication_role = replica";

pub(super) async fn take(
    superuser: &mut PgConnection,
    relation: &Relation,
    row: &SeedRow,
) -> Result<(), IsolationError> {
    let text = format!(
        "DELETE FROM {} t WHERE (t.tableoid, t.ctid) = {}",
        relation.name, row.place
    );
    run(superuser, text, "take a row out").await
}

pub(super) async fn put_back(
    superuser: &mut PgConnection,
    relation: &Relation,
    row: &SeedRow,
) -> Result<(), IsolationError> {
    run(superuser, statement::insert(relation, row), "put a row back").await
}

async fn run(superuser: &mut PgConnection, text: String, what: &'static str) -> Result<(), IsolationError> {
    within(what, superuser.execute(SILENT)).await?;
    let done = within(what, superuser.execute(AssertSqlSafe(text))).await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(IsolationError::Sql(what, sqlx::Error::RowNotFound))
    }
}
