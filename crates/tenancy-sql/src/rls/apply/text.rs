//! Texts of a plan as statements. Its names were quoted where they came from the catalog.

use sqlx::{AssertSqlSafe, Executor, Postgres, postgres::PgConnection};

/// In one message, as one transaction when it is several statements; the rows that it changed.
pub(super) async fn execute(connection: &mut PgConnection, text: String) -> sqlx::Result<u64> {
    Ok(connection.execute(AssertSqlSafe(text)).await?.rows_affected())
}

/// A number.
pub(super) async fn number(connection: &mut PgConnection, text: String) -> sqlx::Result<i64> {
    let query = sqlx::query_scalar::<Postgres, i64>(AssertSqlSafe(text)).persistent(false);
    query.fetch_one(connection).await
}
